// A sweep that somebody waits for tells them how it ended, and leaves the log to those that nobody waits for.
import { expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { newSweepId, newTenantId } from '../../src/base/ids.ts'
import type { SweepView } from '../../src/sweeps/ports.ts'
import { performSweep } from '../../src/sweeps/sweep.ts'
import { openHttp } from '../contracts/open-clients.ts'
import { json, serve } from '../outbound/little-server.ts'

const since = new Date('2026-10-31T00:00:00Z')
const view: SweepView = {
  ...{ id: 'swp_1', tenant: 'acme', cause: 'person', state: 'done', since: since.toISOString() },
  ...{ seen: 1, missing: 1, runs: 1, fresh: 0, older: 0, withoutDate: 0, restarted: 1, exhausted: 1 },
  ...{ code: null, reason: null, fix: null, nextAt: null, createdAt: since.toISOString(), finishedAt: null },
}

it.each([
  [true, []],
  [
    undefined,
    [
      'webhooks that never came: their hires were found by a sweep',
      'hires started again by a sweep: their runs had ended before Pinpoint showed them',
      'hires that sweeps have started again three times, in vain',
    ],
  ],
])('Where somebody waits (%s), the log says: %s', async (attended, expected) => {
  const server = await serve((response) => json(response, 200, { data: [] }))
  const lines: string[] = []
  const write = (_fields: object, message: string) => void lines.push(message)
  const store = {
    claim: async () => undefined,
    look: async () => [],
    record: async () => {},
    end: async () => view,
  }
  const ended = await performSweep(
    {
      ...{ store, openHttp: () => openHttp(), handling: [], clock: systemClock, pauseSeconds: 0 },
      ...(attended && { attended }),
      log: { debug: write, info: write, warn: write, error: write },
    },
    {
      ...{ id: newSweepId(), lease: 'lease', cause: 'person', tenant: { id: newTenantId(), slug: 'acme' } },
      ...{ since, anyAge: false, undated: false, pages: 0, failures: 0 },
      pinpoint: { apiUrl: server.url, apiKey: 'key' },
      cursor: { updatedAfter: since, page: 1 },
    },
    new AbortController().signal,
  )
  expect(ended).toEqual(view)
  expect(lines).toEqual(expected)
})
