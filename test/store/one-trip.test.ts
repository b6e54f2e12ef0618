// A fresh webhook is stored by statements that leave together: what holds when one of them fails.
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { replacing } from '../../sandbox/crash-kit/replacing.ts'
import { createEventStore } from '../../src/store/deliveries.ts'
import { queryable } from '../../src/store/transaction.ts'
import { openSpine, type Spine } from '../support/spine.ts'

let spine: Spine
beforeEach(async () => {
  spine = await openSpine()
})
afterEach(() => spine.close())

type Query = (statement: { readonly text: string }) => Promise<unknown>

/** The pool, whose connections answer a statement of theirs in another way. */
function poolWith(query: (statement: { readonly text: string }, real: Query) => Promise<unknown>): pg.Pool {
  const connect = async () => {
    const client = await spine.pool.connect()
    const real: Query = (statement) => client.query(statement)
    return replacing(client, { query: (statement: { readonly text: string }) => query(statement, real) })
  }
  return replacing(spine.pool, { connect })
}

const stored = async () => {
  const { rows } = await spine.pool.query<Record<string, number>>(
    `select (select count(*) from events) as events, (select count(*) from runs) as runs,
       (select count(*) from pgboss.job) as jobs`,
  )
  return rows[0]
}

describe('A webhook of which', () => {
  it('the begin fails is stored neither whole nor in part, and can be sent again', async () => {
    // Cancelled: the connection is good, and what was sent behind it is carried out.
    const cancelled = Object.assign(new pg.DatabaseError('cancelled', 1, 'error'), { code: '57014' })
    const pool = poolWith((statement, real) =>
      statement.text.startsWith('begin') ? Promise.reject(cancelled) : real(statement),
    )
    const events = createEventStore({ ...spine, pool })
    const delivery = spine.delivery('1')
    await expect(events.record(delivery)).rejects.toThrow()
    expect(await stored()).toEqual({ events: 0, runs: 0, jobs: 0 })
    expect(await spine.events.record(delivery)).toMatchObject({ duplicate: false, runs: 2 })
    expect(await stored()).toEqual({ events: 1, runs: 2, jobs: 2 })
  })

  it('the statement fails commits nothing, although the commit was sent', async () => {
    await spine.pool.query(`alter table runs add constraint none check (integration <> 'webhook')`)
    await expect(spine.events.record(spine.delivery('1'))).rejects.toMatchObject({ code: '23514' })
    expect(await stored()).toEqual({ events: 0, runs: 0, jobs: 0 })
    await spine.pool.query('alter table runs drop constraint none')
    expect(await spine.hire('2')).toMatchObject({ duplicate: false, runs: 2 })
  })

  it('the answer to the commit is lost is a duplicate when it comes again, with nothing twice', async () => {
    const pool = poolWith(async (statement, real) => {
      const answer = await real(statement)
      if (statement.text === 'commit') throw new Error('the answer was lost')
      return answer
    })
    const delivery = spine.delivery('1')
    await expect(createEventStore({ ...spine, pool }).record(delivery)).rejects.toThrow()
    expect(await spine.events.record(delivery)).toMatchObject({ duplicate: true, runs: 0 })
    expect(await stored()).toEqual({ events: 1, runs: 2, jobs: 2 })
  })
})

it('a text of several statements, which cannot be prepared, is sent as it is however often it comes', async () => {
  const statements = queryable(spine.pool)
  for (let time = 0; time < 10; time++) await statements.query('select 1; select 2', [])
})
