// Lists that do not end as they should: a sweep ends all the same.
import { expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { newSweepId, newTenantId } from '../../src/base/ids.ts'
import { silentLog } from '../../src/observe/log.ts'
import { mostPages, pagesOfOneTurn } from '../../src/sweeps/bounds.ts'
import type { ClaimedSweep, JudgedHire, SweepEnd, SweepStore } from '../../src/sweeps/ports.ts'
import { performSweep, previewSweep } from '../../src/sweeps/sweep.ts'
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

it.each([
  ['the same page whatever is asked for', { data: [hire(1), hire(2)] }, 2],
  ['a total that never comes', { data: [hire(1)], meta: { stats: { total: { count: 1000 } } } }, 1],
  ['a page that tells nothing', { data: [] }, 0],
])('A sweep of a list that gives %s ends after a few calls (W8)', async (_what, answer, missing) => {
  const server = await serve((response) => json(response, 200, answer))
  const { counts } = await previewSweep(
    {
      store,
      openHttp: () => openHttp(),
      handling: [],
      clock: systemClock,
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

const unused = async () => {
  throw new Error('a sweep that goes on does not ask for this')
}

/** A server that always has one more hire to tell of. */
function endless() {
  let told = 0
  return serve((response) =>
    json(response, 200, { data: [hire(++told)], meta: { stats: { total: { count: 1e9 } } } }),
  )
}

it.each([
  {
    what: 'has its turn, and then waits behind the sweeps of others (M6)',
    ...{ pages: 0, read: pagesOfOneTurn, end: { state: 'queued' } },
  },
  {
    what: 'ends for good after very many pages, however many turns it took',
    ...{ pages: mostPages - 3, read: 3, end: { state: 'failed', code: 'sweep.too_many_pages' } },
  },
])('A sweep of a list without end $what', async ({ pages, read, end }) => {
  const server = await endless()
  const ends: SweepEnd[] = []
  let recorded = 0
  const sweep: ClaimedSweep = {
    id: newSweepId(),
    lease: 'lease',
    cause: 'schedule',
    tenant: { id: newTenantId(), slug: 'acme' },
    since: new Date('2026-10-31T00:00:00Z'),
    anyAge: false,
    undated: false,
    pinpoint: { apiUrl: server.url, apiKey: 'key' },
    cursor: { updatedAfter: new Date('2026-10-31T00:00:00Z'), page: 1 },
    pages,
    failures: 0,
  }
  await performSweep(
    {
      store: {
        ...store,
        look: unused,
        claim: unused,
        async record() {
          recorded++
        },
        async end(_sweep, how) {
          ends.push(how)
          return undefined
        },
      },
      openHttp: () => openHttp(),
      handling: [],
      clock: systemClock,
      log: silentLog,
      pageSize: 1,
      pauseSeconds: 0,
      pagesOfOneTurn,
    },
    sweep,
    new AbortController().signal,
  )
  expect(recorded).toBe(read)
  expect(ends).toMatchObject([end])
})
