/** Rows of HiBob's tables through the engine: parked, resumed, replayed, with lost answers. Once and whole, and nobody's pay is told. */
import { afterEach, describe, expect, it } from 'vitest'

import { type ApplicationSeed, type FaultRule, hireEvent } from '../../sandbox/index.ts'
import type { Log } from '../../src/observe/log.ts'
import { replayEvent, resumeRun } from '../../src/operator/operate.ts'
import { isRecord } from '../../src/sdk/index.ts'
import { runCommand } from '../support/command-line.ts'
import { doneAtLast } from '../support/done-at-last.ts'
import { everyTarget, managerAttribute, rowDay, usualCompany } from '../support/every-target.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const day = '2027-03-01'
const paid = { amount: 76_543.21, currency: 'EUR', period: 'year' }
const offer = { result: 'accepted' as const, startOn: '2027-02-01' }
const mapping = {
  ...everyTarget(usualCompany),
  'payroll.salary.payment': { from: 'offer.salary.amount', otherwise: 'park' },
  'payroll.salary.payment.currency': 'offer.salary.currency',
  'payroll.salary.payPeriod': { from: 'offer.salary.period', values: { year: 'Annual' } },
}

const lines: string[] = []
const note = (...said: readonly unknown[]) => void lines.push(JSON.stringify(said))
const log: Log = { debug: note, info: note, warn: note, error: note }

interface Known {
  readonly connection?: WorldOptions['connection']
  readonly hire?: ApplicationSeed
  /** Before the webhook. */
  readonly arrange?: (application: string) => void
}

/** Every row is one of its own, as they begin later than the employee. */
async function hired(
  offers: readonly NonNullable<ApplicationSeed['offers']>[number][],
  faults: readonly FaultRule[] = [],
  { connection, hire, arrange }: Known = {},
) {
  lines.length = 0
  world = await openWorld({ connection: { ...connection, mapping }, hibob: { readLagSeconds: 0 }, log })
  const { hibob, pinpoint, faults: sandboxFaults } = world.sandbox
  hibob.configure('acme', usualCompany)
  hibob.addEmployee({ email: 'grace@corp.example', firstName: 'Grace' })
  for (const fault of faults) sandboxFaults.add(fault)
  const { id, job } = pinpoint.addApplication({
    ...{ firstName: 'Ada', email: 'ada@example.com', person: 'ada', offers: [...offers] },
    customAttributes: { [managerAttribute]: 'grace@corp.example', [rowDay]: day },
    ...hire,
  })
  arrange?.(id)
  expect((await world.send(hireEvent(id, job.id))).status).toBe(200)
  return id
}

const whole = [
  { table: 'employment', effectiveDate: day, columns: { contract: 'Part time', type: 'Temporary' } },
  {
    table: 'salaries',
    effectiveDate: day,
    columns: { base: { value: paid.amount, currency: 'EUR' }, payPeriod: 'Annual' },
  },
  { table: 'work', effectiveDate: day, columns: { customColumns: { column_1655: 'Zz-column' } } },
]

function expectRowsOnce() {
  expectExactly(world, 1)
  const rows = world.sandbox.ledger().rows.toSorted((one, other) => (one.table < other.table ? -1 : 1))
  expect(rows).toMatchObject(whole)
}

/** What an operator sees of the hire, and what is written of it. */
async function shownOf(run: string) {
  const shown = [
    await runCommand(['runs', 'show', run], world.env),
    await runCommand(['runs', 'show', run, '--json'], world.env),
    await runCommand(['runs', 'list', '--json'], world.env),
  ]
  expect(shown.map(({ code }) => code)).toEqual([0, 0, 0])
  const metrics = await (await fetch(`${world.service!.adminUrl}/metrics`)).text()
  expect(lines.length).toBeGreaterThan(0)
  return [...shown.flatMap(({ out, err }) => [out, err]), ...lines, metrics].join('\n')
}

/** Of pay and of every other mapped value; names of fields are told. */
const constants = Object.values(everyTarget(usualCompany)).flatMap((rule) =>
  isRecord(rule) && typeof rule['constant'] === 'string' && rule['constant'].length > 4
    ? [rule['constant']]
    : [],
)
const values = [...constants, '76543', '76,543', '363430', 'EUR', 'Annual', 'grace@', 'ada@']

function expectUntold(shown: string) {
  for (const value of values) expect(shown.includes(value), value).toBe(false)
}

const once = (operation: string, effect: FaultRule['effect']): FaultRule => ({
  ...{ system: 'hibob', operation, effect },
})

it('A hire that parks for its pay gets each row once and whole when it is resumed, and no value is told on the way', async () => {
  const id = await hired([offer])
  const [parked] = await world.settled(1)
  expect(parked).toMatchObject({ state: 'parked', code: 'hibob.mapping_gaps' })
  expect(world.sandbox.ledger()).toMatchObject({ rows: [], counts: { employees: 0 } })

  world.sandbox.pinpoint.changeApplication(id, { offers: [{ ...offer, salary: paid }] })
  await resumeRun(world.store.runs, parked!.id)
  const run = await doneAtLast(world)
  expect(run).toMatchObject({ state: 'done', result: { did: 'created', warnings: [] } })
  expectRowsOnce()
  expectUntold(await shownOf(run.id))
})

it('Answers that are lost leave each row once and whole, and no value is told', async () => {
  await hired(
    [{ ...offer, salary: paid }],
    [...['work.add', 'employment.add', 'salaries.add'].map((call) => once(call, { cut: 'after' }))],
  )
  const run = await doneAtLast(world)
  expect(run).toMatchObject({ state: 'done', result: { did: 'created', warnings: [] } })
  expectRowsOnce()
  expectUntold(await shownOf(run.id))
})

it('A row that HiBob refuses is told without its values, and a replay makes no row, neither that one nor a second of another', async () => {
  await hired(
    [{ ...offer, salary: paid }],
    [
      once('salaries.add', {
        status: 400,
        body: { errors: { base: { error: 'invalid', message: `no ${paid.amount} EUR` } } },
      }),
    ],
  )
  const run = await doneAtLast(world)
  expect(run).toMatchObject({ state: 'done', result: { did: 'created' } })
  expect(JSON.stringify(run.result)).toMatch(/hibob\.row_not_made.*salary row.*a replay does not make it/)
  const made = world.sandbox.ledger().rows
  expect(made).toHaveLength(2)

  const again = await replayed()
  expect(again).toMatchObject({ state: 'done', result: { did: 'found', warnings: [] } })
  expect(world.sandbox.ledger().rows).toEqual(made)
  expect(callsOfRows()).toEqual([])
  expectExactly(world, 1)
  expectUntold(await shownOf(run.id))
})

async function replayed() {
  const [event] = await world.store.runs.listEvents({ limit: 1 })
  world.sandbox.calls.reset()
  await replayEvent(world.store.runs, event?.id ?? '', { event: () => ['hibob'] })
  const [again] = await world.settled(2)
  return again
}

const callsOfRows = () =>
  world.sandbox.calls
    .list()
    .map(({ operation }) => operation)
    .filter((operation) => /^(salaries|employment|work)\./.test(operation))

const corrected = { email: 'ada.example@example.com' }

describe('The rows of an employee who is known by an id', () => {
  it.each<[string, readonly FaultRule[]]>([
    ['at once', []],
    ['in a second attempt', [{ ...once('docs.list', { status: 503 }), times: 3 }]],
  ])('are not made when only our comment has the id, and each is told: %s', async (_when, faults) => {
    const hire = { hiredAt: new Date(Date.now() - 3_600_000).toISOString() }
    await hired([{ ...offer, salary: paid }], faults, {
      hire,
      arrange: (application) => {
        const { hibob, pinpoint } = world.sandbox
        const { id } = hibob.addEmployee({ email: 'ada@corp.example', firstName: 'Ada', person: 'ada' })
        pinpoint.addComment(application, `Record created with ID: ${id}`)
      },
    })
    const run = await doneAtLast(world)
    expect(run).toMatchObject({ state: 'done', result: { how: 'adopted' } })
    const told = JSON.stringify(run.result)
    expect(told.match(/hibob\.row_not_made/g)).toHaveLength(3)
    expect(told).toMatch(/The salary row was not made: Employee \d+ in HiBob is not new\./)
    expect(world.sandbox.ledger().rows).toEqual([])
    expect(callsOfRows().filter((operation) => operation.endsWith('.add'))).toEqual([])
    expectExactly(world, 0, { documents: 1, comments: 1 })
    expectUntold(await shownOf(run.id))
  })

  it('stay as they are when what was written into Pinpoint has the id', async () => {
    await hired([{ ...offer, salary: paid }], [], { connection: { writeBack: 'externalReference' } })
    await doneAtLast(world)
    const [{ id } = { id: '' }] = world.sandbox.hibob.withEmail('acme', 'ada@example.com')
    world.sandbox.hibob.changeEmployee(id, { email: 'ada@corp.example' })
    await world.store.database.pool.query('delete from effects')
    expect(await replayed()).toMatchObject({ state: 'done', result: { did: 'found', warnings: [] } })
    expect(callsOfRows()).toEqual([])
    expectRowsOnce()
  })

  it('are found or made, each once, when the run has made the employee under an address that is corrected meanwhile', async () => {
    const limited = once('employment.add', { rateLimit: { resetInSeconds: 2 } })
    const application = await hired([{ ...offer, salary: paid }], [limited])
    await until('the run to wait', async () => {
      const [one] = await world.store.runs.listRuns({ limit: 1 })
      return one?.state === 'waiting'
    })
    expect(world.sandbox.ledger().rows).toMatchObject([{ table: 'work' }])
    world.sandbox.pinpoint.changeApplication(application, corrected)
    expect(await doneAtLast(world)).toMatchObject({ state: 'done', result: { did: 'created', warnings: [] } })
    expectRowsOnce()
  })

  it('are known when an earlier run has made them under another address', async () => {
    const application = await hired([{ ...offer, salary: paid }])
    await doneAtLast(world)
    world.sandbox.pinpoint.changeApplication(application, corrected)
    expect(await replayed()).toMatchObject({ state: 'done', result: { how: 'adopted', warnings: [] } })
    expect(callsOfRows()).toEqual([])
    expectRowsOnce()
  })
})
