/** What is said before a hire of rows and people is what a run then does; nothing is made, and no person is named. */
import { describe, expect, it } from 'vitest'

import type { Sandbox } from '../../sandbox/index.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import { type ReadOutcomes, type Trial, tryMapping } from '../../src/operator/mapping-trial.ts'
import type { Json } from '../../src/sdk/index.ts'
import { readConnectionMapping } from '../../src/tenants/connection-values.ts'
import { createCachedReads } from '../../src/worker/cached-reads.ts'
import { hireInBob, openHttp, pinpointOf, serviceUser } from '../contracts/open-clients.ts'
import { failureOf } from '../outbound/little-server.ts'
import { openSandbox } from '../sandbox/open.ts'

type Seed = Parameters<Sandbox['pinpoint']['addApplication']>[0]
interface Hired {
  readonly mapping: Readonly<Record<string, Json>>
  readonly seed?: Seed
}

const clock = { now: () => new Date('2026-11-24T08:00:00Z'), sleep: () => Promise.resolve() }

/** As `mapping test` does it, for one application after the other. */
async function trier(sandbox: Sandbox, mapping: Hired['mapping']) {
  const settings = hibob.settings.parse({ site: 'New York (Demo)', apiUrl: sandbox.hibobUrl })
  const whole = readConnectionMapping(hibob, { written: mapping }, settings)
  if (whole === undefined || whole === 'unreadable') throw new Error('no mapping')
  const cached = createCachedReads(clock)('acme')
  const context = { settings, secrets: serviceUser, openHttp: openHttp(true), cached }
  // As in a preview: what is not shown is not compared.
  const fields = await hibob.fields?.(context).catch(() => undefined)
  const outcomes: ReadOutcomes = async (mapped, all) => (await hibob.outcomes?.(context, mapped, all)) ?? []
  return async (id: string): Promise<readonly Trial[]> => {
    const { application } = await pinpointOf(sandbox.pinpointUrl).hire(id, {
      extras: ['job', 'hiring_manager'],
    })
    if (application === undefined) throw new Error('no such application')
    return tryMapping(whole, { application }, { fields, timeZone: undefined, outcomes })
  }
}

async function triedAndRun(sandbox: Sandbox, { mapping, seed = {} }: Hired) {
  const { id } = sandbox.pinpoint.addApplication({
    ...{ email: 'ada@example.com', firstName: 'Ada' },
    ...seed,
  })
  const before = sandbox.ledger().counts
  const trials = await (await trier(sandbox, mapping))(id)
  expect(sandbox.ledger().counts).toEqual(before)
  const warned: string[] = []
  const onWarning = (code: string, message: string) => void warned.push(`${code} ${message}`)
  const failure = await failureOf(
    hireInBob(sandbox, id, { onWarning, mapping, settings: { site: 'New York (Demo)' } }),
  ).catch(() => undefined)
  const states = Object.fromEntries(trials.map(({ target, state }) => [target, state]))
  const problemOf = (target: string) => trials.find((one) => one.target === target)?.problem
  return { trials, states, problemOf, warned, failure, rows: sandbox.ledger().rows }
}

const salary = {
  'payroll.salary.payment': 'offer.salary.amount',
  'payroll.salary.payment.currency': 'offer.salary.currency',
  'payroll.salary.payPeriod': { from: 'offer.salary.period', values: { year: 'Annual', month: 'Monthly' } },
  'payroll.salary.payFrequency': { constant: 'Monthly' },
}
const parts = Object.keys(salary)
const offered = (pay: object | null): Seed => ({
  offers: [{ result: 'accepted', startOn: '2027-02-01', ...(pay !== null && { salary: pay as never }) }],
})
const paid = { amount: 65432.1, currency: 'EUR', period: 'year' }

describe('A salary row that is tried', () => {
  it('is sent whole where the run sends it', async () => {
    const { states, rows } = await triedAndRun(await openSandbox(), {
      mapping: salary,
      seed: offered(paid),
    })
    for (const part of parts) expect(states[part]).toBe('sent')
    expect(rows).toHaveLength(1)
  })

  it.each<[string, Hired, string, RegExp]>([
    [
      'an amount',
      { mapping: salary, seed: offered(null) },
      'payroll.salary.payment',
      /^Pinpoint has no value of offer\.salary\.amount\. So the salary row is left out\.$/,
    ],
    [
      'a currency',
      { mapping: salary, seed: offered({ ...paid, currency: 'XYZ' }) },
      'payroll.salary.payment.currency',
      /is not the code of a currency\. So the salary row is left out\.$/,
    ],
    [
      'a period that HiBob has',
      { mapping: salary, seed: offered({ ...paid, period: 'two_weeks' }) },
      'payroll.salary.payPeriod',
      /is not in the list of the destination\. So the salary row is left out\.$/,
    ],
    [
      'a day on which they work here',
      {
        mapping: { ...salary, 'payroll.salary.activeEffectiveDate': { constant: '2027-01-01' } },
        seed: offered(paid),
      },
      'payroll.salary.activeEffectiveDate',
      /is before the start date\. So the salary row is left out\.$/,
    ],
  ])('is left out as a whole without %s, as by the run', async (...[, given, lacking, because]) => {
    const { states, problemOf, rows, warned, trials } = await triedAndRun(await openSandbox(), given)
    for (const part of new Set([...parts, lacking])) expect(states[part]).toBe('left_out')
    expect(problemOf(lacking)?.reason).toMatch(because)
    const others = trials.filter(({ problem }) => problem?.code === 'row_left_out')
    expect(others.length).toBeGreaterThan(0)
    for (const { problem } of others)
      expect(problem?.reason).toContain(`The salary row is left out for ${lacking}`)
    expect(rows).toEqual([])
    expect(warned.join()).toContain('hibob.row_left_out')
    expect(JSON.stringify(trials.map(({ problem }) => problem))).not.toMatch(/65432|XYZ|two_weeks/)
  })

  it('names a part that is not mapped at all', async () => {
    const { 'payroll.salary.payFrequency': _, ...mapping } = salary
    const { states, problemOf, rows } = await triedAndRun(await openSandbox(), {
      mapping,
      seed: offered(paid),
    })
    for (const part of parts) expect(states[part]).toBe('left_out')
    expect(problemOf('payroll.salary.payFrequency')).toMatchObject({
      reason: 'It is not mapped. So the salary row is left out.',
      mend: 'payroll.salary.payFrequency: { constant: … }',
    })
    expect(rows).toEqual([])
  })

  it('parks where the mapping says so, and does not call the other parts left out', async () => {
    const mapping = {
      ...salary,
      'payroll.salary.payment': { from: 'offer.salary.amount', otherwise: 'park' },
    }
    const { states, failure } = await triedAndRun(await openSandbox(), { mapping, seed: offered(null) })
    expect(states['payroll.salary.payment']).toBe('parks')
    expect(Object.values(states)).not.toContain('left_out')
    expect(failure).toMatchObject({ code: 'hibob.mapping_gaps' })
  })
})

it('A row of employment from a day that is missing is left out, as by the run', async () => {
  const mapping = {
    'payroll.employment.contract': { constant: 'Full time' },
    'payroll.employment.activeEffectiveDate': 'application.custom["Contract from"]',
  }
  const { states, warned } = await triedAndRun(await openSandbox(), { mapping, seed: offered(null) })
  expect(states).toMatchObject({
    'payroll.employment.contract': 'left_out',
    'payroll.employment.activeEffectiveDate': 'left_out',
  })
  expect(warned.join()).toContain('The employment row was left out')
})

it.each(['', 'ada at example'])(
  'A hire whose own e-mail is %j parks whatever the login is made of, as by the run',
  async (email) => {
    const { states, problemOf, failure } = await triedAndRun(await openSandbox(), {
      mapping: { 'root.email': { template: '{candidate.firstName|slug}@acme.example' } },
      seed: { email, ...offered(null) },
    })
    expect(states).toMatchObject({ 'root.email': 'sent', 'home.privateEmail': 'parks' })
    expect(problemOf('home.privateEmail')?.reason).toMatch(/ The hire is known by it\.$/)
    expect(failure).toMatchObject({ code: 'hibob.hire_incomplete' })
  },
)

it.each([
  ['lists', { denied: ['lists.read' as const] }, 'cannot be read'],
  ['fields', { denied: ['fields.read' as const] }, 'is not in HiBob’s list (did you mean "Designer"?)'],
])(
  'A title is left out where HiBob does not show its %s, as by the run, and a title of the list is sent',
  async (...[what, company, because]) => {
    for (const title of ['Desiner', 'Designer']) {
      const sandbox = await openSandbox()
      sandbox.hibob.configure('acme', company)
      const { states, problemOf, warned } = await triedAndRun(sandbox, {
        mapping: { 'work.title': 'job.title' },
        seed: { job: { title }, ...offered(null) },
      })
      const isSent = title === 'Designer' && what === 'fields'
      expect(states['work.title']).toBe(isSent ? 'sent' : 'left_out')
      expect(warned.some((one) => one.startsWith('hibob.title_left_out'))).toBe(!isSent)
      if (title === 'Desiner') expect(problemOf('work.title')?.reason).toContain(because)
    }
  },
)

describe('A manager who is tried', () => {
  const mapping = { 'work.reportsTo': { from: 'application.custom["Manager"]', find: 'employee' } }
  const grace = 'grace@corp.example'
  const managedBy = (email: string): Seed => ({
    customAttributes: { Manager: email },
    ...offered(null),
  })

  it('is found with one search for many hires', async () => {
    const sandbox = await openSandbox()
    sandbox.hibob.addEmployee({ email: grace, firstName: 'Grace' })
    const ids = [grace, 'Grace@Corp.example'].map(
      (email) => sandbox.pinpoint.addApplication({ email: 'ada@example.com', ...managedBy(email) }).id,
    )
    const tried = await trier(sandbox, mapping)
    sandbox.calls.reset()
    for (const id of ids) {
      const manager = (await tried(id)).find(({ target }) => target === 'work.reportsTo')
      expect(manager).toMatchObject({
        state: 'sent',
        open: false,
        person: { state: 'found' },
        problem: undefined,
      })
    }
    expect(sandbox.calls.list({ system: 'hibob' }).map(({ operation }) => operation)).toEqual([
      'people.search',
    ])
  })

  it('is left out, or parks, where the run does not find them', async () => {
    const { states, problemOf, warned } = await triedAndRun(await openSandbox(), {
      mapping,
      seed: managedBy('nobody@corp.example'),
    })
    expect(states['work.reportsTo']).toBe('left_out')
    expect(problemOf('work.reportsTo')).toMatchObject({
      code: 'not_found',
      reason: expect.stringMatching(
        /^HiBob shows the service user no employee with the manager’s e-mail.*\(from application\.custom\["Manager"\]\)\.$/,
      ) as string,
    })
    expect(JSON.stringify(problemOf('work.reportsTo'))).not.toContain('@')
    expect(warned.join()).toContain('hibob.manager_left_out')

    const park = { 'work.reportsTo': { ...mapping['work.reportsTo'], otherwise: 'park' } }
    const parked = await triedAndRun(await openSandbox(), {
      mapping: park,
      seed: managedBy('nobody@corp.example'),
    })
    expect(parked.states['work.reportsTo']).toBe('parks')
    expect(parked.failure).toMatchObject({ code: 'hibob.mapping_gaps' })
  })

  it('is not known where HiBob cannot be asked, and asked for once only', async () => {
    const sandbox = await openSandbox()
    const ids = [1, 2].map(
      () => sandbox.pinpoint.addApplication({ email: 'ada@example.com', ...managedBy(grace) }).id,
    )
    const tried = await trier(sandbox, mapping)
    sandbox.faults.add({
      system: 'hibob',
      operation: 'people.search',
      effect: { status: 403 },
      times: 'always',
    })
    sandbox.calls.reset()
    for (const id of ids) {
      const manager = (await tried(id)).find(({ target }) => target === 'work.reportsTo')
      expect(manager?.person).toEqual({
        state: 'unknown',
        reason: expect.stringContaining('search') as string,
      })
      expect(JSON.stringify(manager?.person)).not.toContain('@')
    }
    expect(sandbox.calls.count('hibob', 'people.search')).toBe(1)
  })
})
