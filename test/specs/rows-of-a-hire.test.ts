/** Rows of HiBob's tables through the engine: parked, resumed, replayed, with lost answers. Once and whole, and nobody's pay is told. */
import { afterEach, expect, it } from 'vitest'

import type { FaultRule } from '../../sandbox/index.ts'
import type { Log } from '../../src/observe/log.ts'
import { replayEvent, resumeRun } from '../../src/operator/operate.ts'
import { isRecord } from '../../src/sdk/index.ts'
import { runCommand } from '../support/command-line.ts'
import { everyTarget, managerAttribute, rowDay, usualCompany } from '../support/every-target.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

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

/** Every row is one of its own, as they begin later than the employee. */
async function hired(offers: readonly object[], faults: readonly FaultRule[] = []) {
  lines.length = 0
  world = await openWorld({ connection: { mapping }, hibob: { readLagSeconds: 0 }, log })
  const { hibob, faults: sandboxFaults } = world.sandbox
  hibob.configure('acme', usualCompany)
  hibob.addEmployee({ email: 'grace@corp.example', firstName: 'Grace' })
  for (const fault of faults) sandboxFaults.add(fault)
  return world.hire({
    ...{ firstName: 'Ada', email: 'ada@example.com', offers: [...offers] },
    customAttributes: { [managerAttribute]: 'grace@corp.example', [rowDay]: day },
  })
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

async function doneAtLast() {
  for (;;) {
    const run = await until('the run to wait or to end', async () => {
      const [one] = await world.store.runs.listRuns({ limit: 1 })
      return one !== undefined && ['waiting', 'parked', 'done'].includes(one.state) && one
    })
    if (run.state !== 'waiting') return run
    await resumeRun(world.store.runs, run.id)
  }
}

it('A hire that parks for its pay gets each row once and whole when it is resumed, and no value is told on the way', async () => {
  const id = await hired([offer])
  const [parked] = await world.settled(1)
  expect(parked).toMatchObject({ state: 'parked', code: 'hibob.mapping_gaps' })
  expect(world.sandbox.ledger()).toMatchObject({ rows: [], counts: { employees: 0 } })

  world.sandbox.pinpoint.changeApplication(id, { offers: [{ ...offer, salary: paid }] })
  await resumeRun(world.store.runs, parked!.id)
  const run = await doneAtLast()
  expect(run).toMatchObject({ state: 'done', result: { did: 'created', warnings: [] } })
  expectRowsOnce()
  expectUntold(await shownOf(run.id))
})

it('Answers that are lost leave each row once and whole, and no value is told', async () => {
  await hired(
    [{ ...offer, salary: paid }],
    [...['work.add', 'employment.add', 'salaries.add'].map((call) => once(call, { cut: 'after' }))],
  )
  const run = await doneAtLast()
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
  const run = await doneAtLast()
  expect(run).toMatchObject({ state: 'done', result: { did: 'created' } })
  expect(JSON.stringify(run.result)).toMatch(/hibob\.row_not_made.*salary row.*a replay does not make it/)
  const made = world.sandbox.ledger().rows
  expect(made).toHaveLength(2)

  const [event] = await world.store.runs.listEvents({ limit: 1 })
  world.sandbox.calls.reset()
  const handles = { event: () => ['hibob'] }
  await replayEvent(world.store.runs, event?.id ?? '', handles)
  const [again] = await world.settled(2)
  expect(again).toMatchObject({ state: 'done', result: { did: 'found', warnings: [] } })
  expect(world.sandbox.ledger().rows).toEqual(made)
  expect(
    world.sandbox.calls.list().filter(({ operation }) => /^(salaries|employment|work)\./.test(operation)),
  ).toEqual([])
  expectExactly(world, 1)
  expectUntold(await shownOf(run.id))
})
