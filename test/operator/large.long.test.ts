/**
 * With 100,000 hires of a year in the database, what an operator asks is answered from the rows that it is about, without reading a table from
 * end to end. How long that takes is not tested here: on two busy cores each command took as long as `--version`.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'

import { fillFinished } from '../../bench/support/finished.ts'
import { startService } from '../../src/app/service.ts'
import { silentLog } from '../../src/observe/log.ts'
import { runCommand } from '../support/command-line.ts'
import { freshDatabase } from '../support/database.ts'
import { rowsRead } from '../support/rows-read.ts'
import { openWorld, type World } from '../support/world.ts'

const hires = 100_000
/** Of each table. Lists count up to 10,000; some 2,000 hires are of the last seven days, and each of twenty tenants has 5,000. */
const mostRows = hires / 5

let world: World
let application: string
let run: string
beforeAll(async () => {
  world = await openWorld({ service: false, database: await freshDatabase({ lent: false }) })
  const service = await startService(world.config, silentLog)
  try {
    const person = { firstName: 'Grace', lastName: 'Hopperson', email: 'grace@example.com' }
    application = await world.hire(person, { url: service.url })
    const [settled] = await world.settled(1)
    run = settled?.id ?? ''
  } finally {
    await service.close()
  }
  await fillFinished(world.store.database.pool, hires)
}, 300_000)
afterAll(() => world.close())

/** The id of a record in HiBob is missing: the ledger has no index by it, and is read for it in a tenth of a second. */
it.each([
  ['status', 'runs'],
  ['status acme', 'runs'],
  ['why APPLICATION --offline', 'hires'],
  ['why grace@example.com --offline', 'hires'],
  ['why Grace Hopperson --offline', 'hires'],
  ['why RUN --offline', 'runs'],
  ['runs list', 'runs'],
  ['runs list --tenant acme', 'runs'],
  ['runs list --state parked', 'runs'],
  ['runs list --state refused', 'runs'],
  ['runs list --state done,cancelled --since 2d', 'runs'],
  ['runs list --code pinpoint.application_gone', 'runs'],
  ['runs list --application APPLICATION', 'runs'],
  ['runs list --integration hibob', 'runs'],
  ['runs list --since 7d --tenant acme', 'runs'],
  ['runs show APPLICATION', 'run_history'],
  ['runs show RUN', 'run_history'],
  ['events list', 'events'],
  ['events list --application APPLICATION', 'events'],
  ['audit', 'runs'],
])('%s reads the rows that it is about', async (line, table) => {
  const words = line.replace('APPLICATION', application).replace('RUN', run).split(' ')
  await world.store.database.pool.query('select pg_stat_reset()')
  expect(await runCommand(words, world.env)).toMatchObject({ code: 0, err: '' })
  const read = await rowsRead(world.env)
  const lines = read.map((one) => JSON.stringify(one)).join('\n')
  const about = read.find((one) => one.table === table)
  if (line !== 'audit' && !line.includes('parked'))
    expect((about?.scanned ?? 0) + (about?.entries ?? 0), lines).toBeGreaterThan(0)
  for (const { scanned, fetched, entries } of read)
    expect(Math.max(scanned, fetched, entries), lines).toBeLessThan(mostRows)
})
