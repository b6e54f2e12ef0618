/** Looks in the database: each is one process's, none is lost, and nothing moves a run that has moved on. */
import { randomBytes } from 'node:crypto'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { resumeRun } from '../../src/operator/operate.ts'
import type { RecheckStore } from '../../src/parking/ports.ts'
import { createRecheckStore } from '../../src/parking/store/rechecks.ts'
import { createDatabaseRetry, queryable } from '../../src/postgres/transaction.ts'
import type { Settlement } from '../../src/runs/run.ts'
import { signalSql } from '../../src/runs/store/watches.ts'
import { openSpine, type Spine } from '../support/spine.ts'

let spine: Spine
let store: RecheckStore
beforeEach(async () => {
  spine = await openSpine()
  store = createRecheckStore({ ...spine, withDatabaseRetry: createDatabaseRetry(async () => {}) })
})
afterEach(() => spine.close())

const fingerprint = randomBytes(32)
const settlement = (code = 'hibob.hire_incomplete'): Settlement => ({
  state: 'parked',
  code,
  reason: 'No start date.',
  fix: 'Set one.',
  resumesOn: 'record',
  watches: [{ what: 'record', name: '', fingerprint }],
  pausesConnection: false,
})

/** Lets the next job park its run. */
async function park(code?: string): Promise<string> {
  const [job] = await spine.queue.fetch(1)
  const run = await spine.runs.claim(job!, 'w')
  await spine.runs.settle(run!.lease, job!, settlement(code))
  return run!.lease.run
}

async function parked(application: string): Promise<string> {
  await spine.hire(application, { asked: 'hibob' })
  return park()
}

const makeDue = () => spine.pool.query(`update rechecks set next_at = now() - interval '1 second'`)
const age = (hours: number) =>
  spine.pool.query(`update rechecks set since = since - make_interval(hours => $1)`, [hours])
const secondsToNext = async (run: string) => {
  const [look] = (await spine.runAdmin.showRun(run))!.rechecks
  return (Date.parse(look!.nextAt) - Date.now()) / 1000
}
const claimed = async () => {
  const recheck = await store.claim('any')
  if (recheck === undefined) throw new Error('nothing is due')
  return recheck
}

describe('a look', () => {
  it('is due two minutes after the park, and not before', async () => {
    const run = await parked('1')
    expect(await store.claim('any')).toBeUndefined()
    expect(await secondsToNext(run)).toSatisfy((seconds: number) => seconds > 100 && seconds < 135)
    await makeDue()
    expect(await claimed()).toMatchObject({ run, application: '1', what: 'record', fingerprint, times: 0 })
  })

  it('is one process’s, however many ask at once', async () => {
    await parked('1')
    await parked('2')
    await makeDue()
    const claims = await Promise.all(Array.from({ length: 8 }, () => store.claim('any')))
    expect(claims.flatMap((recheck) => recheck?.application ?? []).sort()).toEqual(['1', '2'])
  })

  it('of a process that died is done by another one, two minutes later', async () => {
    const run = await parked('1')
    await makeDue()
    await claimed()
    expect(await secondsToNext(run)).toBeGreaterThan(100)
    await makeDue()
    expect(await claimed()).toMatchObject({ run })
  })

  it.each([
    [0, 100, 135],
    [4, 3000, 4000],
    [48, 38_000, 48_000],
    [2000, 77_000, 96_000],
  ])(
    'of a run that has been parked for %i hours comes again in %i to %i seconds',
    async (hours, from, to) => {
      const run = await parked('1')
      await age(hours)
      await makeDue()
      await store.unchanged(await claimed())
      const seconds = await secondsToNext(run)
      expect(seconds).toBeGreaterThan(from)
      expect(seconds).toBeLessThan(to)
    },
  )

  it('that fails waits as long as it was told to', async () => {
    const run = await parked('1')
    await makeDue()
    const after = new Date(Date.now() + 900_000)
    await store.failed(await claimed(), { code: 'pinpoint.rate_limited', after })
    expect((await spine.runAdmin.showRun(run))?.rechecks).toMatchObject([
      { times: 1, code: 'pinpoint.rate_limited', nextAt: after.toISOString() },
    ])
  })

  it('is not due while the connection of the run is off or paused', async () => {
    await parked('1')
    await makeDue()
    await spine.pool.query('update connections set enabled = false')
    expect(await store.claim('any')).toBeUndefined()
    await spine.pool.query(`update connections set enabled = true, paused_code = 'x.credentials_refused'`)
    expect(await store.claim('any')).toBeUndefined()
    await spine.pool.query(`update connections set paused_code = null`)
    expect(await store.claim('any')).toBeDefined()
  })
})

describe('lifting', () => {
  it('queues the run once, with a job and its reason', async () => {
    const run = await parked('1')
    await makeDue()
    const recheck = await claimed()
    expect(await store.resume(recheck, 'it has changed')).toBe(true)
    expect(await store.resume(recheck, 'it has changed')).toBe(false)
    expect((await spine.runAdmin.showRun(run))?.timeline.at(-1)).toMatchObject({
      kind: 'queued',
      text: 'it has changed',
    })
    expect(await spine.queue.fetch(5)).toHaveLength(1)
  })

  it('does not touch a run that somebody has resumed or cancelled meanwhile, and forgets the look', async () => {
    const resumed = await parked('1')
    await parked('2')
    await makeDue()
    const claims = [await claimed(), await claimed()]
    await resumeRun(spine.runAdmin, resumed)
    await spine.pool.query(
      `update runs set state = 'cancelled', turn = turn + 1, finished_at = now() where subject = '2'`,
    )
    for (const recheck of claims) expect(await store.resume(recheck, 'it has changed')).toBe(false)
    await makeDue()
    expect(await store.claim('any')).toBeUndefined()
    expect((await spine.pool.query('select from rechecks')).rowCount).toBe(0)
  })

  it('that does not help keeps the pace: a run cannot go round every two minutes for ever', async () => {
    const run = await parked('1')
    await age(48)
    await makeDue()
    await store.resume(await claimed(), 'it has changed')
    await park()
    expect(await secondsToNext(run)).toBeGreaterThan(38_000)
    expect((await spine.runAdmin.showRun(run))?.rechecks).toMatchObject([{ times: 1 }])
  })

  it('that helps over one obstacle looks at the next one afresh', async () => {
    const run = await parked('1')
    await age(48)
    await makeDue()
    await store.resume(await claimed(), 'it has changed')
    await park('hibob.several_matches')
    expect(await secondsToNext(run)).toBeLessThan(135)
  })
})

describe('an event about an application', () => {
  const about = (subject: string, tenant = spine.tenant.id) => ({ tenant, subject })
  const send = (...events: ReturnType<typeof about>[]) =>
    queryable(spine.pool).query(
      `with events as (select * from unnest($1::text[], $2::text[]) as events (tenant_id, subject)) ${signalSql('events')}`,
      [events.map(({ tenant }) => tenant), events.map(({ subject }) => subject)],
    )

  it('brings the looks of that application, of that tenant, before all others', async () => {
    await parked('1')
    const run = await parked('2')
    await spine.pool.query(`update rechecks set next_at = now() - interval '1 hour' where application = '1'`)
    await send(about('2'), about('3'), about('1', 'ten_other' as typeof spine.tenant.id))
    expect(await store.claim('signalled')).toMatchObject({ run, signalled: true })
    expect(await store.claim('signalled')).toBeUndefined()
  })

  it('that comes while it is being looked at is not forgotten', async () => {
    await parked('1')
    await makeDue()
    const recheck = await claimed()
    await send(about('1'))
    await store.unchanged(recheck)
    expect(await store.claim('signalled')).toMatchObject({ application: '1', times: 1 })
  })

  it('makes looks frequent again for a run that was parked long ago', async () => {
    const run = await parked('1')
    await age(2000)
    await send(about('1'))
    await store.unchanged(await claimed())
    expect(await secondsToNext(run)).toBeLessThan(135)
  })

  it('is no obstacle to another one about the same applications in another order', async () => {
    for (const application of ['1', '2', '3', '4']) await parked(application)
    const forwards = ['1', '2', '3', '4'].map((one) => about(one))
    await Promise.all(
      Array.from({ length: 20 }, (_, at) => send(...(at % 2 === 0 ? forwards : forwards.toReversed()))),
    )
    expect((await spine.pool.query('select from rechecks where signalled')).rowCount).toBe(4)
  })
})
