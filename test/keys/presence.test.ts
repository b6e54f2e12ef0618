/** A process says that it lives and which keys it has; `keys rotate` and the doctor go by it. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import type { ProcessStore } from '../../src/keys/ports.ts'
import { startPresence } from '../../src/keys/presence.ts'
import { createProcessStore } from '../../src/keys/store/processes.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

const one = { name: 'host/1/2', role: 'all', keys: ['fresh', 'old'] } as const

let database: FreshDatabase
let pool: ReturnType<typeof openPool>
let store: ProcessStore
beforeEach(async () => {
  database = await freshDatabase()
  pool = openPool(database.url, 2)
  store = createProcessStore(pool)
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

it('a process that lives is known with its keys, and no longer once it has stopped', async () => {
  const presence = startPresence({ store, process: one, clock: createVirtualClock(), log: silentLog })
  await until('it is known', async () => (await store.live()).length === 1)
  expect(await store.live()).toEqual([one])
  await presence.stop()
  expect(await store.live()).toEqual([])
})

it('one that was killed is forgotten after its time, and what it last said counts until then', async () => {
  await store.note({ ...one, keys: ['old'] }, 60)
  await store.note(one, 60)
  expect(await store.live()).toEqual([one])
  await pool.query(`update processes set alive_until = now() - interval '1 second'`)
  expect(await store.live()).toEqual([])
  await pool.query(`update processes set alive_until = now() - interval '2 days'`)
  await store.note({ ...one, name: 'host/3/4' }, 60)
  expect((await pool.query('select name from processes')).rows).toEqual([{ name: 'host/3/4' }])
})
