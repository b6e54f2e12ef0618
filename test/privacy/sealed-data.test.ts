// The rotation of keys: all that is sealed is sealed again, beside a service that goes on writing, and nothing is lost by it.
import { randomBytes } from 'node:crypto'

import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { replacing } from '../../sandbox/crash-kit/replacing.ts'
import { createSealer } from '../../src/base/seal.ts'
import { createSealedData, sealedColumns } from '../../src/privacy/store/sealed-data.ts'
import { apiKeyAad } from '../../src/tenants/tenant.ts'
import { openSpine, type Spine } from '../support/spine.ts'

const [oldKey, newKey] = ['old', 'new'].map((id) => ({ id, bytes: randomBytes(32) })) as [Key, Key]
interface Key {
  readonly id: string
  readonly bytes: Buffer
}
const oldSealer = createSealer([oldKey])
const both = createSealer([newKey, oldKey])
const onlyNew = createSealer([newKey])
const going = new AbortController().signal

let spine: Spine
beforeEach(async () => {
  spine = await openSpine({ sealer: oldSealer })
})
afterEach(() => spine.close())

const sealedData = (pool = spine.pool) => createSealedData({ pool, sealer: both })

interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** The pool, with something that happens behind each statement. */
const poolWith = (behind: (statement: Statement, answer: pg.QueryResult) => Promise<unknown> | undefined) =>
  replacing(spine.pool, {
    query: async (statement: Statement) => {
      const answer = await spine.pool.query(statement.text, [...statement.values])
      await behind(statement, answer)
      return answer
    },
  })

const apiKey = async () => {
  const { rows } = await spine.pool.query<{ sealed: Buffer }>('select sealed_api_key as sealed from tenants')
  return onlyNew
    .open(rows[0]?.sealed ?? Buffer.alloc(0), apiKeyAad(spine.tenant.id, spine.tenant.apiUrl))
    .toString()
}

const setApiKey = (envelope: Buffer) => spine.pool.query('update tenants set sealed_api_key = $1', [envelope])

describe('Sealing again', () => {
  it('knows every column of envelopes', async () => {
    const { rows } = await spine.pool.query(
      `select table_name as table, column_name as column from information_schema.columns
       where table_schema = 'public' and column_name like 'sealed%' order by 1, 2`,
    )
    const known = sealedColumns.map(({ table, column }) => ({ table, column }))
    const inOrder = known.toSorted((one, other) =>
      `${one.table} ${one.column}`.localeCompare(`${other.table} ${other.column}`),
    )
    expect(inOrder).toEqual(rows)
  })

  it('takes all there is, and the old key is needed no longer', async () => {
    // More than two batches.
    const applications = Array.from({ length: 1_100 }, (_, index) => String(index + 1))
    await Promise.all(applications.map((application) => spine.hire(application)))
    // Of a tenant two, and one of each connection.
    const envelopes = applications.length + 4
    expect(await sealedData().byKey()).toEqual([{ key: 'old', envelopes }])

    expect(await sealedData().sealAgain(going)).toEqual({ sealed: envelopes, unreadable: 0, finished: true })
    expect(await sealedData().byKey()).toEqual([{ key: 'new', envelopes }])
    expect(await apiKey()).toBe('key')
    const { rows } = await spine.pool.query<{ id: string; subject: string; sealed_body: Buffer }>(
      'select id, subject, sealed_body from events',
    )
    const bodies = rows.map(({ id, sealed_body: sealed }) =>
      onlyNew.open(sealed, `event:${id}:body`).toString(),
    )
    expect(rows.every(({ subject }, index) => bodies[index]?.includes(`{"id":${subject}}`))).toBe(true)

    expect(await sealedData().sealAgain(going)).toEqual({ sealed: 0, unreadable: 0, finished: true })
  })

  it('holds a few mebibytes at once, however large the bodies are', async () => {
    for (let index = 1; index <= 12; index++) {
      const { event } = await spine.hire(String(index))
      const large = oldSealer.seal(Buffer.alloc(1024 * 1024), `event:${event}:body`)
      await spine.pool.query('update events set sealed_body = $1 where id = $2', [large, event])
    }
    const batches: number[] = []
    const pool = poolWith(({ text }, { rows }) => {
      if (text.includes('from events')) batches.push(rows.length)
    })
    expect(await sealedData(pool).sealAgain(going)).toEqual({ sealed: 16, unreadable: 0, finished: true })
    expect(batches).toEqual([4, 4, 4, 0])
  })

  it('waits for nobody: what is locked is left, and taken the next time', async () => {
    const other = await spine.pool.connect()
    await other.query('begin')
    await other.query('select from tenants for update')
    expect(await sealedData().sealAgain(going)).toEqual({ sealed: 2, unreadable: 0, finished: true })
    expect(await sealedData().byKey()).toEqual([
      { key: 'new', envelopes: 2 },
      { key: 'old', envelopes: 2 },
    ])
    await other.query('rollback')
    other.release()
    expect(await sealedData().sealAgain(going)).toEqual({ sealed: 2, unreadable: 0, finished: true })
  })

  it('does not undo what is written meanwhile', async () => {
    const changed = oldSealer.seal('changed', apiKeyAad(spine.tenant.id, spine.tenant.apiUrl))
    let times = 0
    const pool = poolWith(async ({ text }) => {
      if (text.includes('sealed_api_key') && times++ === 0) await setApiKey(changed)
    })
    expect(await sealedData(pool).sealAgain(going)).toMatchObject({ sealed: 4, finished: true })
    expect(await apiKey()).toBe('changed')
  })

  it('leaves what does not open as it is, and counts it', async () => {
    const lost = createSealer([{ id: 'lost', bytes: randomBytes(32) }])
    for (const [index, body] of [lost.seal('x', 'y'), Buffer.alloc(0), Buffer.from('{}')].entries()) {
      const { event } = await spine.hire(String(index + 1))
      await spine.pool.query('update events set sealed_body = $1 where id = $2', [body, event])
    }
    expect(await sealedData().sealAgain(going)).toEqual({ sealed: 4, unreadable: 3, finished: true })
    expect(await sealedData().byKey()).toEqual([
      { key: undefined, envelopes: 2 },
      { key: 'lost', envelopes: 1 },
      { key: 'new', envelopes: 4 },
    ])
  })

  it('stops behind a batch when it is asked to, and goes on from there the next time', async () => {
    await Promise.all(Array.from({ length: 700 }, (_, index) => spine.hire(String(index + 1))))
    const stopping = new AbortController()
    const pool = poolWith((statement) => {
      if (statement.text.includes('update events')) stopping.abort()
    })
    const told: number[] = []
    const stopped = await sealedData(pool).sealAgain(stopping.signal, (sealed) => told.push(sealed))
    expect(stopped).toEqual({ sealed: 504, unreadable: 0, finished: false })
    expect(told.at(-1)).toBe(504)
    expect(await sealedData().sealAgain(going)).toEqual({ sealed: 200, unreadable: 0, finished: true })
  })
})
