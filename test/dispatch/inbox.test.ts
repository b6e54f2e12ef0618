// A webhook is stored by one statement and its runs begin by another: what holds when something happens to either.
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { replacing } from '../../sandbox/crash-kit/replacing.ts'
import { createInbox } from '../../src/dispatch/store/inbox.ts'
import { createEventStore } from '../../src/intake/store/deliveries.ts'
import { silentLog } from '../../src/observe/log.ts'
import { queryable } from '../../src/postgres/transaction.ts'
import { openSpine, type Spine } from '../support/spine.ts'

let spine: Spine
beforeEach(async () => {
  spine = await openSpine()
})
afterEach(() => spine.close())

type Query = (statement: { readonly text: string }) => Promise<unknown>

/** The pool, which answers a statement in another way. */
function poolWith(query: (statement: { readonly text: string }, real: Query) => Promise<unknown>): pg.Pool {
  const real: Query = (statement) => spine.pool.query(statement)
  return replacing(spine.pool, { query: (statement: { readonly text: string }) => query(statement, real) })
}

const stored = async () => {
  const { rows } = await spine.pool.query<Record<string, number>>(
    `select (select count(*) from events) as events, (select count(*) from inbox) as inbox,
       (select count(*) from runs) as runs, (select count(*) from pgboss.job) as jobs`,
  )
  return rows[0]
}

/** A process that dies before the runs of what it acknowledges begin. */
const dying = () => createEventStore({ ...spine, onNewEvents: () => undefined })

describe('A webhook', () => {
  it('costs one statement until its answer', async () => {
    const statements: string[] = []
    const pool = poolWith((statement, real) => {
      statements.push(statement.text)
      return real(statement)
    })
    await createEventStore({ ...spine, pool, onNewEvents: () => undefined }).record(spine.delivery('1'))
    expect(statements).toEqual([expect.stringContaining('store_events')])
  })

  it('whose statement fails is not stored, and can be sent again', async () => {
    await spine.pool.query('alter table inbox add constraint none check (false)')
    await expect(spine.hire('1')).rejects.toMatchObject({ code: '23514' })
    expect(await stored()).toEqual({ events: 0, inbox: 0, runs: 0, jobs: 0 })
    await spine.pool.query('alter table inbox drop constraint none')
    expect(await spine.hire('1')).toMatchObject({ duplicate: false, runs: 2 })
  })

  it('whose answer is lost is a duplicate when it comes again, with nothing twice', async () => {
    const pool = poolWith(async (statement, real) => {
      await real(statement)
      throw new Error('the answer was lost')
    })
    await expect(createEventStore({ ...spine, pool }).record(spine.delivery('1'))).rejects.toThrow()
    expect(await stored()).toEqual({ events: 1, inbox: 1, runs: 0, jobs: 0 })
    expect(await spine.hire('1')).toMatchObject({ duplicate: true, runs: 0 })
    await spine.inbox.dispatch()
    expect(await stored()).toEqual({ events: 1, inbox: 0, runs: 2, jobs: 2 })
  })

  it('that asks for less than one before it, which has not begun, starts nothing twice (case 13)', async () => {
    await dying().record(spine.delivery('1', { asked: 'hibob' }))
    expect(await spine.hire('1', { asked: 'webhook' })).toMatchObject({ duplicate: false })
    await spine.inbox.dispatch()
    expect(await stored()).toEqual({ events: 1, inbox: 0, runs: 2, jobs: 2 })
  })

  it('that asks for more begins by itself later, too, when its process dies, and only once', async () => {
    await dying().record(spine.delivery('1', { asked: 'hibob' }))
    const more = await dying().record(spine.delivery('1', { asked: 'webhook' }))
    expect(more).toMatchObject({ duplicate: false, runs: 1 })
    expect(await stored()).toEqual({ events: 1, inbox: 1, runs: 0, jobs: 0 })
    await spine.inbox.dispatch()
    expect(await stored()).toEqual({ events: 1, inbox: 0, runs: 2, jobs: 2 })

    await dying().record(spine.delivery('2', { asked: 'hibob' }))
    await spine.inbox.dispatch()
    await dying().record(spine.delivery('2', { asked: 'webhook' }))
    expect(await dying().record(spine.delivery('2', { asked: 'webhook' }))).toMatchObject({ duplicate: true })
    await spine.inbox.dispatch()
    expect(await stored()).toEqual({ events: 2, inbox: 0, runs: 4, jobs: 4 })
  })

  it('that comes again while its runs begin does not wait for them, nor they for it', async () => {
    await dying().record(spine.delivery('1'))
    const beginning = await spine.pool.connect()
    // As the foreign key of a run locks its event.
    await beginning.query('begin; select from events for key share')
    expect(await spine.hire('1')).toMatchObject({ duplicate: true })
    await beginning.query('rollback')
    beginning.release()
  })

  it('about nothing that a run could be about is no arrival (case 60)', async () => {
    const delivery = { ...spine.delivery('1'), subject: undefined, handledBy: [] }
    expect(await spine.events.record(delivery)).toMatchObject({ duplicate: false, runs: 0 })
    expect(await stored()).toEqual({ events: 1, inbox: 0, runs: 0, jobs: 0 })
  })
})

describe('The runs of an event that was acknowledged', () => {
  it('begin by another process when the first one dies before', async () => {
    expect(await dying().record(spine.delivery('1'))).toMatchObject({ runs: 2 })
    expect(await stored()).toEqual({ events: 1, inbox: 1, runs: 0, jobs: 0 })
    expect(await spine.inbox.dispatch()).toMatchObject({ events: [expect.any(String)] })
    expect(await stored()).toEqual({ events: 1, inbox: 0, runs: 2, jobs: 2 })
  })

  it('begin once, however many processes begin them at once (case 12)', async () => {
    const events = dying()
    await Promise.all(
      Array.from({ length: 500 }, (_, index) => events.record(spine.delivery(`${index + 1}`))),
    )
    const begun = await Promise.all(Array.from({ length: 6 }, () => spine.inbox.dispatch()))
    expect(begun.reduce((sum, one) => sum + one.events.length, 0)).toBe(500)
    expect(await stored()).toEqual({ events: 500, inbox: 0, runs: 1000, jobs: 1000 })
  })

  it('wait in whole when their statement fails, and hold up nobody', async () => {
    await spine.pool.query(`alter table runs add constraint none check (subject <> '1')`)
    const events = dying()
    for (const application of ['1', '2']) await events.record(spine.delivery(application))
    const lines: unknown[] = []
    const log = { ...silentLog, error: (fields: object, text: string) => lines.push({ ...fields, text }) }
    const inbox = createInbox({ ...spine, log })
    await inbox.dispatch()
    expect(lines).toMatchObject([{ text: 'an event cannot be dispatched' }])
    expect(await stored()).toEqual({ events: 2, inbox: 1, runs: 2, jobs: 2 })
    expect(await inbox.dispatch()).toEqual({ events: [], more: false })

    await spine.pool.query('alter table runs drop constraint none')
    await spine.pool.query('update inbox set next_at = now()')
    expect(await inbox.dispatch()).toMatchObject({ events: [expect.any(String)] })
    expect(await stored()).toEqual({ events: 2, inbox: 0, runs: 4, jobs: 4 })
  })

  it('begin behind as many that fail as are begun at once', async () => {
    await spine.pool.query(`alter table runs add constraint none check (subject = '0')`)
    const events = dying()
    for (let batch = 0; batch < 2; batch++) {
      const applications = Array.from({ length: 100 }, (_, index) => String(batch * 100 + index + 1))
      await Promise.all(applications.map((application) => events.record(spine.delivery(application))))
    }
    await events.record(spine.delivery('0'))
    expect(await spine.inbox.dispatch()).toEqual({ events: [], more: true })
    expect(await spine.inbox.dispatch()).toMatchObject({ events: [expect.any(String)], more: false })
    expect(await stored()).toEqual({ events: 201, inbox: 200, runs: 2, jobs: 2 })
  })
})

it('a text of several statements, which cannot be prepared, is sent as it is however often it comes', async () => {
  const statements = queryable(spine.pool)
  for (let time = 0; time < 10; time++) await statements.query('select 1; select 2', [])
})
