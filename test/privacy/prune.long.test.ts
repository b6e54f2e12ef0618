// What pruning deletes of finished work, and what it never touches, whoever else is at it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { fillFinished } from '../../bench/support/finished.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { EventId } from '../../src/base/ids.ts'
import { keyed } from '../../src/keys/store/keyed.ts'
import { silentLog } from '../../src/observe/log.ts'
import { createReplayAdmin } from '../../src/operator/store/replays.ts'
import { pruneDueWork } from '../../src/privacy/pruner.ts'
import { createFinishedWork } from '../../src/privacy/store/finished-work.ts'
import { createTenantStore } from '../../src/tenants/store/tenants.ts'
import { openSpine, type Spine } from '../support/spine.ts'
import { until } from '../support/until.ts'

let spine: Spine
beforeEach(async () => {
  spine = await openSpine()
})
afterEach(() => spine.close())

const work = () => createFinishedWork(spine.pool)
const prune = async () => {
  const { events, runs } = await work().pruneBatch(spine.tenant.id, undefined)
  return { events, runs }
}
const query = async (sql: string, values: readonly unknown[] = []) =>
  (await spine.pool.query<Record<string, unknown>>(sql, [...values])).rows
const left = async () =>
  (
    await query(`select (select count(*) from events) as events, (select count(*) from runs) as runs,
    (select count(*) from steps) as steps, (select count(*) from run_history) as history,
    (select count(*) from effects) as effects`)
  )[0]

/** A hire of 401 days ago whose two runs are in these states, each with a step and an effect. */
async function old(
  application: string,
  states: readonly [string, string] = ['done', 'done'],
): Promise<EventId> {
  const { event } = await spine.hire(application)
  const ago = `now() - interval '401 days'`
  await query(`update events set received_at = ${ago} where id = $1`, [event])
  for (const [index, state] of states.entries()) {
    const finished = ['done', 'refused', 'cancelled'].includes(state)
    const [run] = await query(
      `update runs set state = $3, finished_at = ${finished ? ago : 'null'}
       where event_id = $1 and integration = $2 returning id, connection_id`,
      [event, ['hibob', 'webhook'][index], state],
    )
    await query(
      `insert into steps (run_id, title, outcome, attempt, started_at, finished_at) values ($1, 'step', 'created', 1, now(), now())`,
      [run?.['id']],
    )
    await query(
      `insert into effects (id, connection_id, kind, key_hash, title, state, holder_run, made_by_run)
       values ($1, $2, 'employee', $3, 'Employee', 'done', $4, $4)`,
      [`eff_${application}_${index}`, run?.['connection_id'], Buffer.from(application), run?.['id']],
    )
  }
  return event
}

/** What `meanwhile` gives when all events are pruned between its first look and the moment that it waits for their locks. */
async function whilePruned<T>(meanwhile: () => Promise<T>): Promise<T> {
  const pruning = await spine.pool.connect()
  try {
    await pruning.query('begin; select from events for update')
    const given = meanwhile()
    await until('it to wait for the lock', async () => {
      const waiting = await query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return waiting.length > 0
    })
    await pruning.query(`with gone as (delete from events returning tenant_id, identity)
      insert into tombstones select tenant_id, identity from gone; commit`)
    return await given
  } finally {
    pruning.release()
  }
}

describe('pruning', () => {
  it('deletes an event whose runs have all ended with runs, steps and history, and keeps the ledger (case 63)', async () => {
    await old('1', ['done', 'refused'])
    await old('2', ['cancelled', 'done'])
    expect(await prune()).toEqual({ events: 2, runs: 4 })
    expect(await left()).toEqual({ events: 0, runs: 0, steps: 0, history: 0, effects: 4 })
  })

  it.each(['queued', 'running', 'waiting', 'parked'])(
    'keeps the whole event while a run of it is %s',
    async (state) => {
      await old('1', ['done', state])
      expect(await prune()).toEqual({ events: 0, runs: 0 })
      expect(await left()).toMatchObject({ events: 1, runs: 2, steps: 2 })
    },
  )

  it('keeps what came or was finished later, what is looked at, and what its tenant keeps for ever', async () => {
    await spine.hire('1')
    await query(`update runs set state = 'done', finished_at = now() - interval '401 days'`)
    const replayed = await old('2')
    await query(`update runs set finished_at = now() where event_id = $1 and integration = 'hibob'`, [
      replayed,
    ])
    const looked = await old('3')
    await query(
      `insert into rechecks (run_id, what, tenant_id, application, turn, next_at)
       select id, 'hired', tenant_id, subject, turn, now() from runs where event_id = $1 limit 1`,
      [looked],
    )
    expect(await prune()).toEqual({ events: 0, runs: 0 })
    await old('4')
    await query('update tenants set keep_finished_seconds = null')
    expect(await prune()).toEqual({ events: 0, runs: 0 })
    expect(await work().takeTurn()).toEqual([])
    await query('update tenants set keep_finished_seconds = 34560000')
    expect(await prune()).toEqual({ events: 1, runs: 2 })
  })

  it.each([
    [
      'is run again',
      `insert into runs (id, tenant_id, connection_id, event_id, integration, subject, generation)
      select id || '_1', tenant_id, connection_id, event_id, integration, subject, 1 from runs`,
    ],
    [
      'is parked, since it was undone',
      `update runs set state = 'parked', finished_at = null where integration = 'hibob'`,
    ],
    [
      'is looked at',
      `insert into rechecks (run_id, what, tenant_id, application, turn, next_at)
      select id, 'hired', tenant_id, subject, turn, now() from runs`,
    ],
  ])('passes by what in another transaction %s at that moment, without waiting', async (_, sql) => {
    await old('1')
    const other = await spine.pool.connect()
    try {
      await other.query('begin')
      await other.query(sql)
      expect(await prune()).toEqual({ events: 0, runs: 0 })
      await other.query('commit')
    } finally {
      other.release()
    }
    expect(await prune()).toEqual({ events: 0, runs: 0 })
    expect(await left()).toMatchObject({ events: 1, steps: 2 })
  })

  it('M3: lets a webhook be a duplicate whose event is pruned while it is being stored', async () => {
    await old('1')
    const again = () => spine.events.record(spine.delivery('1'))
    expect(await whilePruned(again)).toEqual({ event: undefined, duplicate: true, runs: 0 })
    expect(await left()).toMatchObject({ events: 0, runs: 0 })
  })

  it('M3: leaves the keyed identity of what it deletes and nothing else, for as long as there is the tenant', async () => {
    const { identity } = spine.delivery('1')
    await old('1')
    await prune()
    expect(await query('select * from tombstones')).toEqual([
      { tenant_id: spine.tenant.id, identity: keyed(spine.hashKey, identity) },
    ])
    await createTenantStore(spine).remove('acme')
    expect(await query('select * from tombstones')).toEqual([])
  })

  it('lets replays find nothing whose event is pruned meanwhile', async () => {
    const event = await old('1')
    expect(await whilePruned(() => spine.runAdmin.replay(event, ['hibob']))).toEqual([])
    await old('2')
    const choice = {
      tenant: spine.tenant.id,
      since: new Date(0),
      states: ['done'],
      integration: undefined,
      handling: ['hibob'],
    } as const
    const start = () => createReplayAdmin(spine.pool, spine.queue).start(choice, 3600)
    expect(await whilePruned(start)).toBeUndefined()
  })

  it('goes through everything in batches, four processes at once, one turn an hour', async () => {
    await fillFinished(spine.pool, 5000)
    await query(`update events set received_at = received_at - interval '2 years'`)
    await query(`update runs set finished_at = finished_at - interval '2 years'`)
    const pruned = { events: 0, runs: 0 }
    const turn = (mostBatches = Infinity) =>
      pruneDueWork(
        {
          store: work(),
          clock: systemClock,
          log: silentLog,
          onPruned: ({ events, runs }) => {
            pruned.events += events
            pruned.runs += runs
          },
          mostBatches,
        },
        new AbortController().signal,
      )
    await Promise.all([turn(15), turn(15), turn(15), turn(15)])
    // Seven tenants with two batches each and one with one: the turn was one process's, which gave it back.
    expect(pruned.events).toBe(7 * 250 + 200)
    const at = await Promise.all([prune(), prune(), prune()])
    for (const { events, runs } of at) {
      pruned.events += events
      pruned.runs += runs
    }
    await turn()
    expect(pruned).toEqual({ events: 5000, runs: 5000 })
    expect(await work().takeTurn()).toBeUndefined()
    await query(`update scheduled_jobs set done_at = now() - interval '61 minutes'`)
    expect(await work().takeTurn()).toHaveLength(20)
    expect(await left()).toMatchObject({ events: 0, runs: 0, steps: 0, history: 0, effects: 14_700 })
  })
})
