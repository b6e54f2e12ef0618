import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { newTenantId } from '../../src/base/ids.ts'
import { silentLog } from '../../src/observe/log.ts'
import { inTransaction } from '../../src/postgres/transaction.ts'
import { LeaseLost } from '../../src/runs/ports.ts'
import type { ClaimedSweep, JudgedHire, SweepSchedule, SweepStore } from '../../src/sweeps/ports.ts'
import { createSweepSchedule } from '../../src/sweeps/store/sweep-schedule.ts'
import { createSweepStore } from '../../src/sweeps/store/sweeps.ts'
import { performDueSweep } from '../../src/sweeps/sweeper.ts'
import { apiKeyAad, signingSecretsAad } from '../../src/tenants/tenant.ts'
import { openSpine, type Spine } from '../support/spine.ts'
import { until } from '../support/until.ts'

const handling = ['hibob', 'webhook']
const hiredAt = new Date(Date.now() - 3_600_000)
const day = 24 * 3_600_000

let spine: Spine
let store: SweepStore
let schedule: SweepSchedule
beforeEach(async () => {
  spine = await openSpine()
  store = createSweepStore(spine)
  schedule = createSweepSchedule(spine)
})
afterEach(() => spine.close())

function hire(id: string): JudgedHire {
  return { id, jobId: '1', hiredAt, updatedAt: hiredAt, verdict: 'missing' }
}

async function begin(worker = 'w'): Promise<ClaimedSweep> {
  const request = { tenant: spine.tenant, since: new Date(Date.now() - day), anyAge: true, undated: false }
  const sweep = await schedule.begin(request, worker)
  if (sweep === undefined) throw new Error('one is under way')
  return sweep
}

const events = () => spine.runAdmin.listEvents({ limit: 100 })
const lapse = () => spine.pool.query(`update sweeps set lease_until = now() - interval '1 second'`)
const someoneWaits = async () => {
  const { rows } = await spine.pool.query(
    `select from pg_locks where locktype = 'advisory' and not granted
       and database = (select oid from pg_database where datname = current_database())`,
  )
  return rows.length > 0
}

/** Does `first` and, before it commits, `second`, which must wait for it. */
async function overlapping(first: () => Promise<unknown>, second: () => Promise<unknown>): Promise<void> {
  let finished = false
  // Holds what the first does open: its commit waits for this lock of ours.
  await inTransaction(spine.pool, async (blocker) => {
    await blocker.query('lock table inbox in share mode')
    const before = first()
    await until('the first to be in the middle', async () => {
      const { rows } = await spine.pool.query(
        `select from pg_locks where relation = 'inbox'::regclass and not granted`,
      )
      return rows.length > 0
    })
    const after = second().then(() => (finished = true))
    await until('the second to wait', someoneWaits)
    expect(finished).toBe(false)
    void Promise.all([before, after])
    pending.push(before, after)
  })
  await Promise.all(pending.splice(0))
}
const pending: Promise<unknown>[] = []

describe('a sweep and a webhook about the same hire at the same moment', () => {
  it('make one event when the webhook is stored first', async () => {
    const sweep = await begin()
    await overlapping(
      () => spine.hire('1', { at: Math.floor(hiredAt.getTime() / 1000) + 2 }),
      () => store.record(sweep, { hires: [hire('1')], next: undefined }, handling),
    )
    expect(await events()).toMatchObject([{ origin: 'webhook', deliveries: 1 }])
    expect(await schedule.show(sweep.id)).toMatchObject({ seen: 1, missing: 0 })
  })

  it('make one event when the sweep stores it first', async () => {
    const sweep = await begin()
    await overlapping(
      () => store.record(sweep, { hires: [hire('1')], next: undefined }, handling),
      () => spine.hire('1', { at: Math.floor(hiredAt.getTime() / 1000) + 2 }),
    )
    expect(await events()).toMatchObject([{ origin: 'sweep', deliveries: 1 }])
    expect(await spine.runAdmin.listRuns({ limit: 10 })).toHaveLength(2)
  })

  it('do not hold up webhooks about others', async () => {
    const sweep = await begin()
    const { client, release } = await held(sweep)
    expect(await spine.hire('2')).toMatchObject({ duplicate: false, runs: 2 })
    await client.query('rollback')
    release()
  })

  async function held(_sweep: ClaimedSweep) {
    const client = await spine.pool.connect()
    await client.query('begin')
    await client.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`${spine.tenant.id} 1`])
    return { client, release: () => client.release() }
  }
})

describe('a sweep that was taken over', () => {
  it('goes on where it was, and its first process writes nothing any more', async () => {
    const first = await begin('first')
    const next = { updatedAfter: hiredAt, page: 7 }
    await store.record(first, { hires: [hire('1')], next }, handling)
    expect(await store.claim('second')).toBeUndefined()
    await lapse()
    const second = await store.claim('second')
    expect(second).toMatchObject({ id: first.id, cursor: next })

    await expect(store.record(first, { hires: [hire('2')], next }, handling)).rejects.toThrow(LeaseLost)
    expect(await store.end(first, { state: 'done' })).toBeUndefined()
    expect((await events()).map(({ subject }) => subject)).toEqual(['1'])
    expect(await store.end(second!, { state: 'done' })).toMatchObject({ state: 'done', missing: 1 })
  })

  it('has started nothing again that the other one does', async () => {
    await spine.hire('1', { asked: 'hibob' })
    await spine.pool.query(
      `update runs set state = 'refused', code = 'pinpoint.not_hired', finished_at = now()`,
    )
    const first = await begin('first')
    await lapse()
    const second = await store.claim('second')
    const page = { hires: [hire('1')], next: undefined }
    await expect(store.record(first, page, ['hibob'])).rejects.toThrow(LeaseLost)
    expect(await spine.runAdmin.listRuns({ limit: 5 })).toHaveLength(1)
    await store.record(second!, page, ['hibob'])
    await store.record(second!, page, ['hibob'])
    expect(await spine.runAdmin.listRuns({ limit: 5 })).toHaveLength(2)
    expect(await store.end(second!, { state: 'done' })).toMatchObject({ missing: 0, restarted: 1, runs: 1 })
  })

  it('is free at once when its process on this machine is gone', async () => {
    const { id } = await begin('dead')
    expect(await schedule.freeFromDead((worker) => worker === 'alive')).toBe(0)
    expect(await schedule.freeFromDead((worker) => worker === 'dead')).toBe(1)
    expect(await store.claim('second')).toMatchObject({ id })
  })
})

describe('a sweep that this process has without knowing, as the answer to its claim was lost', () => {
  it('is gone on with when it looks the next time, not when the lease has lapsed', async () => {
    const { id } = await begin('this process')
    const performed: string[] = []
    await performDueSweep(
      {
        ...{ store, schedule, handling, clock: systemClock, log: silentLog, worker: 'this process' },
        isGone: () => false,
        perform: async (sweep) => performed.push(sweep.id),
      },
      new AbortController().signal,
    )
    expect(performed).toEqual([id])
  })
})

describe('the schedule', () => {
  const made = (hours: number) =>
    spine.pool.query(`update tenants set created_at = now() - make_interval(hours => $1)`, [hours])

  it('queues a sweep when its time has come, once over all processes', async () => {
    await made(5)
    await schedule.queueDue(handling)
    expect(await store.claim('w')).toBeUndefined()
    await made(7)
    await Promise.all(Array.from({ length: 10 }, () => schedule.queueDue(handling)))
    const [one, another] = await Promise.all([store.claim('v'), store.claim('w')])
    const sweep = one ?? another
    expect([one, another].filter((claimed) => claimed !== undefined)).toHaveLength(1)
    const lookedBack = Date.now() - sweep!.since.getTime()
    expect(Math.round(lookedBack / day)).toBe(3)
    await store.end(sweep!, { state: 'done' })
    await schedule.queueDue(handling)
    expect(await store.claim('w')).toBeUndefined()
  })

  it('looks back to the last sweep that succeeded after an outage longer than usual', async () => {
    await made(24 * 30)
    await schedule.queueDue(handling)
    await store.end((await store.claim('w'))!, { state: 'done' })
    await spine.pool.query(`update sweeps set created_at = now() - interval '9 days'`)
    await schedule.queueDue(handling)
    const { since } = (await store.claim('w'))!
    expect(Math.round((Date.now() - since.getTime()) / day)).toBe(9)
  })

  it('fails the sweep of a tenant whose key does not open any more, and goes on with the others', async () => {
    await made(7)
    await schedule.queueDue(handling)
    await spine.pool.query(`update tenants set sealed_api_key = '\\x00'`)
    expect(await store.claim('w')).toBeUndefined()
    expect(await schedule.latest('acme')).toMatchObject({ state: 'failed', code: 'seal.broken' })
  })

  it.each([
    ['is off', `update tenants set sweep_every_seconds = null`],
    ['has no enabled connection', `update connections set enabled = false`],
  ])('queues none for a tenant that %s', async (_, change) => {
    await made(100)
    await spine.pool.query(change)
    await schedule.queueDue(handling)
    expect(await store.claim('w')).toBeUndefined()
  })
})

it('A sweep that hands itself back counts its pages and waits behind those that are due', async () => {
  const first = await begin()
  await store.record(first, { hires: [], next: { updatedAfter: hiredAt, page: 2 } }, handling)
  const other = newTenantId()
  const apiUrl = 'http://127.0.0.1:2/api/v1'
  await spine.pool.query(
    `insert into tenants (id, slug, api_url, sealed_api_key, sealed_signing_secrets) values ($1, 'beta', $2, $3, $4)`,
    [
      other,
      apiUrl,
      spine.sealer.seal('key', apiKeyAad(other, apiUrl)),
      spine.sealer.seal('[]', signingSecretsAad(other)),
    ],
  )
  await spine.pool.query(
    `insert into sweeps (id, tenant_id, cause, since, any_age, undated, updated_after, next_at)
     values ('swp_other', $1, 'schedule', now(), false, false, now(), now() - interval '1 second')`,
    [other],
  )
  await store.end(first, { state: 'queued' })
  expect(await store.claim('w')).toMatchObject({ id: 'swp_other', pages: 0 })
  expect(await store.claim('w')).toMatchObject({ id: first.id, pages: 1, cursor: { page: 2 } })
})
