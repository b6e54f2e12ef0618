/** What was decided for hires that a machine cannot finish by itself: a signed webhook in, nothing or exactly one out. */
import { afterEach, describe, expect, it } from 'vitest'

import { type ApplicationSeed, hireEvent } from '../../sandbox/index.ts'
import { resumeRun, type RunView } from '../../src/operator/operate.ts'
import { waitInVain } from '../support/age.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const email = 'ada@example.com'

/** The only run, when it has ended or parked. */
async function settledRun(): Promise<RunView> {
  const [run, ...others] = await world.settled(1)
  expect(others).toEqual([])
  return run!
}

/** Nothing was made, and nothing was even tried. */
function expectNothingMade() {
  expectExactly(world, 0, { documents: 0, comments: 0 })
  const tried = Object.keys(world.sandbox.ledger().calls).filter((call) =>
    /people\.create|docs\.upload|comments\.create/.test(call),
  )
  expect(tried).toEqual([])
}

interface ParkedCase {
  readonly seed: ApplicationSeed
  readonly code: string
  /** What the fix must name for a person to know what to do. */
  readonly fix: RegExp
  readonly hibob?: WorldOptions['hibob']
  readonly before?: (hibob: World['sandbox']['hibob']) => void
  /** What the fix says, done by a person. */
  readonly mend: (sandbox: World['sandbox'], application: string) => void
  readonly then: { readonly did: 'created' | 'found'; readonly startDate?: string }
  /** The person who mends it leaves two records of one person. */
  readonly decidedTwins?: number
}

const people = (count: number, status: 'Active' | 'Inactive' = 'Active') =>
  ((hibob) => {
    for (let one = 0; one < count; one++) hibob.addEmployee({ email, status })
  }) satisfies ParkedCase['before']
const change =
  (changes: Parameters<World['sandbox']['pinpoint']['changeApplication']>[1]): ParkedCase['mend'] =>
  ({ pinpoint }, id) =>
    void pinpoint.changeApplication(id, changes)

const noDate = { startOn: null, offers: [{ result: 'accepted' as const, startOn: null }] }

const parkedCases: Readonly<Record<string, ParkedCase>> = {
  'without a start date anywhere, although it says when they were hired (cases 4, 9)': {
    seed: { ...noDate, hiredAt: '2026-11-02T09:00:00+00:00' },
    code: 'hibob.hire_incomplete',
    fix: /start date on the accepted offer in Pinpoint/,
    mend: change({ startOn: '2027-03-29' }),
    then: { did: 'created', startDate: '2027-03-29' },
  },
  'whose offer with a start date was not accepted': {
    seed: { startOn: null, offers: [{ result: 'retracted', startOn: '2027-02-01' }] },
    code: 'hibob.hire_incomplete',
    fix: /start date on the accepted offer in Pinpoint/,
    mend: change({ offers: [{ result: 'accepted', startOn: '2027-02-08' }] }),
    then: { did: 'created', startDate: '2027-02-08' },
  },
  'that is concealed by anonymised screening (case 57)': {
    seed: { concealed: true },
    code: 'pinpoint.concealed',
    fix: /Reveal the candidate in Pinpoint/,
    mend: change({ concealed: false }),
    then: { did: 'created' },
  },
  'of a person with one name only (case 38)': {
    seed: { lastName: '' },
    code: 'hibob.hire_incomplete',
    fix: /last name on the application in Pinpoint/,
    mend: change({ lastName: 'Example' }),
    then: { did: 'created' },
  },
  'of a leaver who comes back (case 16)': {
    seed: {},
    before: people(1, 'Inactive'),
    code: 'hibob.former_employee',
    fix: /Reactivate the person in HiBob/,
    mend: ({ hibob }) => hibob.setStatus(hibob.employees()[0]!.id, 'Active'),
    then: { did: 'found' },
  },
  'of somebody whose e-mail a leaver has had': {
    seed: {},
    before: people(1, 'Inactive'),
    code: 'hibob.former_employee',
    fix: /or change the old e-mail there/,
    mend: ({ hibob }) => hibob.setEmail(hibob.employees()[0]!.id, 'former@example.com'),
    then: { did: 'created' },
    decidedTwins: 1,
  },
  'whose e-mail two people in HiBob have (case 18)': {
    seed: {},
    before: people(2),
    code: 'hibob.several_matches',
    fix: /Leave one of them with this e-mail in HiBob/,
    mend: ({ hibob }) => hibob.setEmail(hibob.employees()[1]!.id, 'other@example.com'),
    then: { did: 'found' },
    decidedTwins: 1,
  },
}

describe('a hire parks with a fix, and is done once a person has followed it and resumed the run,', () => {
  it.each(Object.entries(parkedCases))('when it is one %s', async (_name, given) => {
    world = await openWorld({ hibob: { ...given.hibob } })
    const { hibob } = world.sandbox
    given.before?.(hibob)
    const people = hibob.employees().length
    const application = await world.hire({ email, ...given.seed })

    const parked = await settledRun()
    expect(parked).toMatchObject({ state: 'parked', code: given.code, subject: application, result: null })
    expect(parked.fix).toMatch(given.fix)
    expect(`${parked.reason ?? ''} ${parked.fix ?? ''}`).not.toMatch(/undefined|@|Ada/)
    expect(hibob.employees()).toHaveLength(people)
    expect(world.sandbox.ledger().counts).toMatchObject({ employees: 0, documents: 0, comments: 0 })

    given.mend(world.sandbox, application)
    await resumeRun(world.store.runs, parked.id)
    const done = await settledRun()
    const { decidedTwins, then } = given
    const { did, startDate } = then
    expect(done).toMatchObject({ state: 'done', result: { did, warnings: [] }, code: null, fix: null })
    const twins = decidedTwins === undefined ? {} : { decidedTwins }
    expectExactly(world, did === 'created' ? 1 : 0, { documents: 1, comments: 1, ...twins })
    const [employee] = hibob.withEmail('acme', email)
    expect(done.result?.['recordId']).toBe(employee?.id)
    if (startDate !== undefined) expect(employee?.startDate).toBe(startDate)
  })

  it('when it is one whose two matches have the same e-mail in different letters', async () => {
    world = await openWorld()
    const ids = [email, 'ADA@example.com'].map((one) => world.sandbox.hibob.addEmployee({ email: one }).id)
    await world.hire({ email: 'Ada@Example.com' })
    const { state, code, reason } = await settledRun()
    expect([state, code]).toEqual(['parked', 'hibob.several_matches'])
    for (const id of ids) expect(reason).toContain(id)
    expect(world.sandbox.ledger().counts).toMatchObject({ employees: 0, documents: 0, comments: 0 })
  })

  it('when HiBob refuses what it says (case 37)', async () => {
    world = await openWorld()
    const application = await world.hire({ email, lastName: 'Example2' })
    const parked = await settledRun()
    expect(parked).toMatchObject({ state: 'parked', code: 'hibob.create_refused' })
    expect(parked.fix).toMatch(
      /^Correct the last name in Pinpoint: .*U\+0032.* The run then resumes automatically, or at once with runs resume\.$/,
    )
    expect(parked.reason).toContain(
      'HiBob refused the new employee: it does not take the last name (validations.surname.invalid).',
    )
    expectExactly(world, 0)

    world.sandbox.pinpoint.changeApplication(application, { lastName: 'Example' })
    await resumeRun(world.store.runs, parked.id)
    expect(await settledRun()).toMatchObject({ state: 'done', result: { did: 'created', how: 'created' } })
    expectExactly(world, 1)
  })
})

describe('a hire without a start date', () => {
  it('starts by the rule of the tenant, counted from the day that Pinpoint wrote', async () => {
    world = await openWorld({ hibob: { startDateRule: { daysAfterHire: 14 } } })
    await world.hire({ email, ...noDate, hiredAt: '2027-02-18T23:30:00+00:00' })
    expect(await settledRun()).toMatchObject({ state: 'done', result: { did: 'created' } })
    expectExactly(world, 1)
    expect(world.sandbox.hibob.employees()).toMatchObject([{ startDate: '2027-03-04' }])
  })
})

describe('a hire for a site that HiBob does not know', () => {
  it('parks with the sites that there are, and goes on by itself when the setting is corrected', async () => {
    world = await openWorld({ hibob: { site: 'Atlantis' } })
    await world.hire({ email })
    const parked = await settledRun()
    expect(parked).toMatchObject({ state: 'parked', code: 'hibob.site_unknown' })
    expect(parked.reason).toContain('"Atlantis"')
    expect(parked.fix).toMatch(/^Set `site` or `sites` of the connection, .*"London \(Demo\)"/)
    expectNothingMade()

    // Another wrong one lifts it as well, and it parks again.
    await world.apply({ hibob: { site: 'El Dorado' } })
    const again = await settledRun()
    expect([again.state, again.reason]).toEqual(['parked', 'HiBob has no site "El Dorado".'])
    expectNothingMade()

    await world.apply({ hibob: { site: 'London (Demo)' } })
    expect(await settledRun()).toMatchObject({ state: 'done', result: { did: 'created' } })
    expectExactly(world, 1)
    expect(world.sandbox.hibob.employees()).toMatchObject([{ site: 'London (Demo)' }])
  })
})

describe('a hire who is in HiBob already', () => {
  it('is found by e-mail: no second employee, but CV and comment as ever (case 15)', async () => {
    world = await openWorld()
    const { id } = world.sandbox.hibob.addEmployee({ email: 'Ada@Example.com', site: 'Madrid (Demo)' })
    const application = await world.hire({ email })
    const result = { did: 'found', how: 'found', recordId: id, warnings: [] }
    expect(await settledRun()).toMatchObject({ state: 'done', result })
    expectExactly(world, 0, { documents: 1, comments: 1 })
    const { comments, documents, employees } = world.sandbox.ledger()
    expect(comments).toMatchObject([{ applicationId: application, bodyText: `Record found with ID: ${id}` }])
    expect(documents).toMatchObject([{ employeeId: id }])
    expect(employees).toMatchObject([{ site: 'Madrid (Demo)' }])
  })

  it('because the same application was hired before: un-hired and hired again (case 14)', async () => {
    world = await openWorld()
    const { id, job } = world.sandbox.pinpoint.addApplication({ email })
    const now = Math.floor(Date.now() / 1000)
    for (const triggeredAt of [now - 86_400, now]) {
      expect((await world.send(hireEvent(id, job.id, triggeredAt))).status).toBe(200)
      await world.settled(1)
    }
    const runs = await world.settled(2)
    expect(runs.map(({ state, result }) => [state, result?.['did']])).toEqual([
      ['done', 'found'],
      ['done', 'created'],
    ])
    expectExactly(world, 1)
  })
})

describe('a hire that is none any more is refused:', () => {
  it.each(['offer', 'interview', 'rejected'] as const)('moved back to %s (case 59)', async (stage) => {
    world = await openWorld()
    await world.hire({ email, stage })
    await waitInVain(world)
    const run = await settledRun()
    expect(run).toMatchObject({ state: 'refused', code: 'pinpoint.not_hired', fix: null, result: null })
    expect(run.reason).toContain(`"${stage}"`)
    expectNothingMade()
    await expect(resumeRun(world.store.runs, run.id)).rejects.toMatchObject({ code: 'runs.not_resumable' })
  })

  it('the application is gone', async () => {
    world = await openWorld()
    expect((await world.send(hireEvent('9999999', '1'))).status).toBe(200)
    await waitInVain(world)
    const run = await settledRun()
    expect(run).toMatchObject({ state: 'refused', code: 'pinpoint.application_gone', fix: null })
    expect(run.reason).toContain('9999999')
    expectNothingMade()
  })
})
