// A database that says nothing any more, as after a fail-over: a worker must not wait for it, and must not say that it is well.
import { afterEach, beforeEach, expect, it } from 'vitest'

import { newRunId } from '../../src/base/ids.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { openQueue, type Queue } from '../../src/queue/store/queue.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'
import { openRelay, type Relay } from '../support/relay.ts'

let database: FreshDatabase
let relay: Relay
let queue: Queue
let end: () => Promise<void>

beforeEach(async () => {
  database = await freshDatabase()
  const url = new URL(database.url)
  relay = await openRelay('127.0.0.1', Number(url.port))
  url.port = String(relay.port)
  const pool = openPool(url.href, 2)
  queue = await openQueue(pool, { supervise: false, log: silentLog, timers: false, answerMilliseconds: 200 })
  end = () => pool.end()
})
afterEach(async () => {
  await relay.close()
  await end()
  await database.drop()
})

const job = {
  id: '00000000-0000-4000-8000-000000000001',
  run: newRunId(),
  turn: 1,
  connection: '',
  delivery: 0,
  replay: false,
}

it.each<[string, (queue: Queue) => Promise<unknown>]>([
  ['fetching jobs', (queue) => queue.fetch(1)],
  ['a heartbeat', (queue) => queue.touch([job])],
  ['completing a job', (queue) => queue.drop(job)],
  ['handing jobs back', (queue) => queue.handBack([job])],
])('%s ends when a hung database does not answer', async (_what, ask) => {
  await queue.fetch(1)
  relay.hang()
  await expect(ask(queue)).rejects.toMatchObject({ code: 'store.database_away' })
})
