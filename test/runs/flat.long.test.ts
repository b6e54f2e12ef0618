/**
 * What the service does must not cost more with every year: on a database full of finished hires it reads the rows of the hires
 * at hand. PostgreSQL's own statistics tell how many rows each table was read for, by scans of it and through its indexes.
 */
import { afterEach, describe, expect, it } from 'vitest'

import { fillFinished } from '../../bench/support/finished.ts'
import { hireEvent } from '../../sandbox/index.ts'
import { type Service, startService } from '../../src/app/service.ts'
import { silentLog } from '../../src/observe/log.ts'
import { runCommand } from '../support/command-line.ts'
import { freshDatabase } from '../support/database.ts'
import { rowsRead } from '../support/rows-read.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

const finished = 20_000
const hires = 20
/** Of one table, for each hire of this day: stored, claimed, written to, asked after, told again, listed. A third is usual. */
const rowsOfAHire = 300
/** Of the updates of runs, at least. */
const hotShare = 0.25

let world: World
afterEach(() => world.close())

/** A day of a service: hires, the same told again, one that parks and is mended, a sweep, a replay, and what people look at. */
async function aDay({ url, adminUrl }: Pick<Service, 'url' | 'adminUrl'>): Promise<void> {
  const people = Array.from({ length: hires }, () => world.sandbox.pinpoint.addApplication())
  const webhooks = people.map(({ id, job }) => hireEvent(id, job.id))
  for (const body of [...webhooks, ...webhooks]) expect((await world.send(body, { url })).status).toBe(200)
  const incomplete = await world.hire(
    { startOn: null, offers: [{ result: 'accepted', startOn: null }] },
    { url },
  )
  await commented(hires)
  await until(
    'a run to park',
    async () => (await world.store.runs.listRuns({ states: ['parked'], limit: 1 })).length === 1,
  )
  world.sandbox.pinpoint.changeApplication(incomplete, { startOn: '2027-01-04' })
  await world.send(moved(incomplete), { url })
  await commented(hires + 1)
  world.sandbox.pinpoint.addApplication({ hiredAt: new Date(Date.now() - 3_600_000).toISOString() })
  expect(await command('sweep', '--tenant', 'acme', '--since', '1d')).toMatchObject({ json: { missing: 1 } })
  await commented(hires + 2)
  await world.apply({ hibob: { site: 'London (Demo)' } })

  const [latest] = await world.store.runs.listEvents({ limit: 1 })
  const event = latest?.id ?? ''
  const run = latest?.runs[0]
  await command('replay', event)
  await until('the replay to end', async () => {
    const [newest] = await world.store.runs.listRuns({ event, limit: 1 })
    return newest?.id !== run?.id && newest?.state === 'done'
  })
  for (const filter of [
    [],
    ['--tenant', 'acme'],
    ['--state', 'parked'],
    ['--state', 'done'],
    ['--state', 'refused'],
    ['--state', 'cancelled'],
    ['--state', 'refused', '--tenant', 'acme', '--integration', 'hibob'],
    ['--state', 'cancelled', '--tenant', 'acme'],
    ['--state', 'done', '--tenant', 'acme'],
    ['--state', 'parked,waiting,refused'],
    ['--code', 'pinpoint.application_gone'],
    ['--application', incomplete],
    ['--since', '1d'],
    ['--event', event],
  ])
    await command('runs', 'list', ...filter)
  for (const filter of [[], ['--tenant', 'acme'], ['--application', incomplete]])
    await command('events', 'list', ...filter)
  await command('runs', 'show', run?.id ?? '')
  await command('runs', 'show', incomplete)
  await command('events', 'show', event)
  await command('preview', event)
  await command('connections', 'check', 'acme')
  for (const asked of [`${adminUrl}/metrics`, `${url}/readyz`]) expect((await fetch(asked)).status).toBe(200)
}

const moved = (application: string) =>
  JSON.stringify({
    event: 'application_moved',
    triggeredAt: 1_800_000_000,
    data: { application: { id: Number(application) } },
  })

const commented = (count: number) =>
  until(`${count} comments`, () => world.sandbox.ledger().counts.comments === count)

async function command(...line: readonly string[]) {
  const ran = await runCommand([...line, '--json'], world.env)
  expect(ran, line.join(' ')).toMatchObject({ code: 0 })
  return ran
}

describe(`with ${finished} finished hires in the database`, () => {
  it(
    'the service and its lists read the rows at hand, and no table from end to end',
    { timeout: 120_000 },
    async () => {
      world = await openWorld({ service: false, database: await freshDatabase({ lent: false }) })
      const { pool } = world.store.database
      await fillFinished(pool, finished)
      await pool.query('select pg_stat_reset()')
      const service = await startService(world.config, silentLog)
      try {
        await aDay(service)
      } finally {
        await service.close()
      }
      const figures = await rowsRead(world.env)
      const lines = figures.map((one) => JSON.stringify(one)).join('\n')
      process.stdout.write(`rows read for ${hires} hires:\n${lines}\n`)
      expect(figures).toHaveLength(6)
      for (const { scanned, fetched, entries } of figures) {
        expect(Math.max(scanned, fetched, entries), lines).toBeLessThan(hires * rowsOfAHire)
        // What none of this reads would pass, too.
        expect(entries, lines).toBeGreaterThan(0)
      }
      // Half is usual. With an index that names the state it is next to nothing.
      const runs = figures.find(({ table }) => table === 'runs')
      expect(runs?.hot, lines).toBeGreaterThan((runs?.updated ?? 0) * hotShare)
    },
  )
})
