// Lists that do not end as they should: a sweep ends all the same.
import { expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { newTenantId } from '../../src/base/ids.ts'
import { silentLog } from '../../src/observe/log.ts'
import type { JudgedHire, SweepStore } from '../../src/sweeps/ports.ts'
import { previewSweep } from '../../src/sweeps/sweep.ts'
import { openHttp } from '../contracts/open-clients.ts'
import { json, serve } from '../outbound/little-server.ts'

const at = '2026-11-01T10:00:00Z'
const hire = (id: number) => ({
  id: String(id),
  type: 'applications',
  attributes: { updated_at: at, hired_at: at },
})
const store: Pick<SweepStore, 'look'> = {
  look: async (_request, hires: readonly JudgedHire[]) =>
    hires.map((one) => ({ hire: one, verdict: one.verdict, integrations: [] })),
}
const unused = async () => {
  throw new Error('a preview writes nothing')
}

it.each([
  ['the same page whatever is asked for', { data: [hire(1), hire(2)] }, 2],
  ['a total that never comes', { data: [hire(1)], meta: { stats: { total: { count: 1000 } } } }, 1],
  ['a page that tells nothing', { data: [] }, 0],
])('A sweep of a list that gives %s ends after a few calls (W8)', async (_what, answer, missing) => {
  const server = await serve((response) => json(response, 200, answer))
  const { counts } = await previewSweep(
    {
      store: { ...store, claim: unused, record: unused, end: unused },
      openHttp: () => openHttp(),
      handling: [],
      clock: systemClock,
      log: silentLog,
      pauseSeconds: 0,
    },
    {
      tenant: { id: newTenantId(), slug: 'acme' },
      since: new Date('2026-10-31T00:00:00Z'),
      anyAge: false,
      undated: false,
      pinpoint: { apiUrl: server.url, apiKey: 'key' },
    },
    new AbortController().signal,
  )
  expect(counts.missing).toBe(missing)
  expect(server.requests.length).toBeLessThanOrEqual(4)
})
