/** Whose record it is, through the door: on nobody's record but their own, and what a person decides is done once. */
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { ApplicationSeed } from '../../sandbox/index.ts'
import { cancelRun, replayEvent, resumeRun, type RunView } from '../../src/operator/operate.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

// Several hires in each, on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000 })

let world: World
afterEach(() => world.close())

const email = 'ada@example.com'
const open = async (hibob: WorldOptions['hibob'] = {}) => {
  // The fake shows what it made at once.
  world = await openWorld({ hibob: { readLagSeconds: 0, ...hibob } })
  return world.sandbox
}
/** The newest run, when all of them have ended or parked. */
async function hired(seed: ApplicationSeed, count = 1): Promise<RunView> {
  await world.hire({ email, ...seed })
  return newest(count)
}
async function newest(count: number): Promise<RunView> {
  const [run] = await world.settled(count)
  return run!
}
const resumed = async (id: string, decision: Parameters<typeof resumeRun>[2], count = 1) => {
  await resumeRun(world.store.runs, id, decision)
  return newest(count)
}
const record = (id: string) => ({ decision: { is: 'record', record: id } }) as const
const makeAgain = { decision: { is: 'make_again' } } as const
const documentsOf = (id: string) => world.sandbox.hibob.documents(id).length

function expectParked(run: RunView, code: string, ...commands: readonly string[]) {
  expect(run).toMatchObject({ state: 'parked', code, result: null })
  for (const command of commands) expect(run.fix).toContain(`runs resume ${run.id} ${command}`)
  expect(`${run.reason} ${run.fix}`).not.toMatch(/undefined|@|\bAda\b|\bBob\b/)
}

/** A run that has made its employee, and waits for the CV while `down`. */
async function waitingForCv() {
  const rule = { system: 'files', operation: 'files.get', effect: { status: 503 }, times: 'always' } as const
  const down = world.sandbox.faults.add(rule)
  const application = await world.hire({ email, person: 'ada' })
  const run = await until('the run to wait for the CV', async () => {
    const [newest] = await world.store.runs.listRuns({ limit: 1 })
    return newest?.state === 'waiting' && newest
  })
  return { application, run, down }
}

it('A hire whose address is corrected after the record was made, while the run still waits, keeps that record', async () => {
  const { faults, pinpoint, hibob } = await open()
  const { application, run: waits, down } = await waitingForCv()
  pinpoint.changeApplication(application, { email: 'ada.example@example.com' })
  faults.remove(down.id)
  expect(await resumed(waits.id, {})).toMatchObject({
    state: 'done',
    result: { recordId: hibob.employees()[0]?.id },
  })
  expectExactly(world, 1)
})

describe('a hire whose address is corrected before its first run has come to its comment', () => {
  const corrected = 'ada.example@example.com'
  /** The first run waits for the CV, and is cancelled; `meanwhile`; then the event is run again. */
  async function replayed(meanwhile: (application: string, record: string) => void): Promise<RunView> {
    const { faults, hibob } = world.sandbox
    const { application, run: first, down } = await waitingForCv()
    await cancelRun(world.store.runs, first.id)
    faults.remove(down.id)
    meanwhile(application, hibob.withEmail('acme', email)[0]!.id)
    await replayEvent(world.store.runs, first.event, { event: () => ['hibob'] })
    return newest(2)
  }
  const correct = (application: string) =>
    void world.sandbox.pinpoint.changeApplication(application, { email: corrected })

  it('keeps the record when it is run again', async () => {
    const { hibob } = await open()
    const run = await replayed((application) => correct(application))
    const result = { did: 'created', how: 'adopted', recordId: hibob.employees()[0]?.id }
    expect(run).toMatchObject({ state: 'done', result })
    expectExactly(world, 1)
    // Known by the new address, too.
    expect(await hired({ email: corrected, person: 'ada', job: { title: 'Designer' } }, 3)).toMatchObject({
      state: 'done',
      result: { did: 'found', recordId: hibob.employees()[0]?.id },
    })
    expectExactly(world, 1, { comments: 2 })
  })

  it('parks when the record was deleted in HiBob, until a person has a new one made', async () => {
    const { hibob } = await open()
    const run = await replayed((application, record) => {
      hibob.removeEmployee(record)
      correct(application)
    })
    expectParked(run, 'runs.record_not_shown', '--record ID', '--make-again')
    expect(await resumed(run.id, makeAgain, 2)).toMatchObject({ state: 'done', result: { did: 'created' } })
    expect(hibob.employees()).toHaveLength(1)
  })

  it('parks when the new address is somebody else’s', async () => {
    const { hibob } = await open()
    const other = hibob.addEmployee({ email: corrected, firstName: 'Jane' })
    const run = await replayed((application) => correct(application))
    expectParked(run, 'hibob.other_employee', `--record ${other.id}`)
    expect(documentsOf(other.id)).toBe(0)
  })
})

describe('the same e-mail', () => {
  it('and another first name is another person: nothing goes to their record (F3, W3; case 20)', async () => {
    const { hibob, pinpoint } = await open()
    const other = hibob.addEmployee({ email: 'hr-desk@example.com', firstName: 'Jane', surname: 'Sample' })
    const run = await hired({ firstName: 'Omar', lastName: 'Sample', email: 'hr-desk@example.com' })
    expectParked(run, 'hibob.other_employee', `--record ${other.id}`)
    expectExactly(world, 0, { documents: 0, comments: 0 })

    // A corrected address lets it go on by itself; here a person is quicker.
    pinpoint.changeApplication(run.subject, { email: 'omar@example.com' })
    expect(await resumed(run.id, {})).toMatchObject({ state: 'done', result: { did: 'created' } })
    expect(documentsOf(other.id)).toBe(0)
  })

  it('that cannot be seen is nobody’s: the only record shown is not adopted (W4)', async () => {
    const { hibob } = await open()
    const stranger = hibob.addEmployee({ email: 'zoe@example.com' })
    hibob.configure('acme', { ignoresFilters: true, hiddenFields: ['root.email'] })
    const run = await hired({})
    expectParked(run, 'hibob.match_unverifiable', `--record ${stranger.id}`)
    expect(run.fix).toContain('Basic info')
    expectExactly(world, 0, { documents: 0, comments: 0 })

    hibob.configure('acme', { hiddenFields: [] })
    expect(await resumed(run.id, {})).toMatchObject({ state: 'done', result: { did: 'created' } })
    expect(documentsOf(stranger.id)).toBe(0)
  })

  it.each([
    [['internal.status', 'internal.lifecycleStatus'], /the view of Lifecycle of everybody/],
    [['root.firstName', 'root.displayName'], /the view of Basic info of everybody/],
  ])('of one whose %s are hidden is not adopted (F2)', async (...[hiddenFields, fix]) => {
    const { hibob } = await open()
    const { id } = hibob.addEmployee({ email, status: 'Inactive', lifecycle: 'parental leave' })
    hibob.configure('acme', { hiddenFields })
    const run = await hired({})
    expectParked(run, 'hibob.match_unverifiable', `--record ${id}`)
    expect(run.fix).toMatch(fix)

    hibob.configure('acme', { hiddenFields: [] })
    expect(await resumed(run.id, {})).toMatchObject({ state: 'done', result: { did: 'found', recordId: id } })
  })

  it.each(['leave', 'parental leave', 'garden leave', 'Garden Leave', 'hired'])(
    'of somebody inactive whose lifecycle is %s is found (F11)',
    async (lifecycle) => {
      const { hibob } = await open()
      const { id } = hibob.addEmployee({ email, status: 'Inactive', lifecycle })
      expect(await hired({})).toMatchObject({ state: 'done', result: { did: 'found', recordId: id } })
    },
  )

  it('with an invisible character in it is found, and its ledger row is the same (W23)', async () => {
    const { hibob } = await open()
    const { id } = hibob.addEmployee({ email })
    const result = { did: 'found', recordId: id }
    expect(await hired({ email: `${email}\u200b`, firstName: '\u200fAda' })).toMatchObject({ result })
    expect(await hired({ email: `\u2060${email}\u00a0`, firstName: 'Ada' }, 2)).toMatchObject({ result })
    const { rows } = await world.store.database.pool.query(`select from effects where kind = 'employee'`)
    expect(rows).toHaveLength(1)
  })
})

describe('an internal candidate', () => {
  it('whom nobody’s e-mail is, is not made again: a person says which employee (F7, W5; case 17)', async () => {
    const { hibob } = await open()
    const { id } = hibob.addEmployee({
      firstName: 'Mara',
      surname: 'Muster',
      email: 'mara.muster@corp.example',
      person: 'mara',
    })
    const run = await hired({ email: 'mara@example.com', person: 'mara', internalCandidate: true })
    expectParked(run, 'hibob.internal_candidate', '--record ID', '--make-again')
    expectExactly(world, 0, { documents: 0, comments: 0 })

    const by = { by: 'maria', reason: 'Asked the people team' }
    const done = await resumed(run.id, { ...record(id), ...by })
    expect(done).toMatchObject({ state: 'done', result: { did: 'found', how: 'found', recordId: id } })
    expect(done.decision).toMatchObject({ is: 'record', record: id, ...by })
    const shown = await world.store.runs.showRun(run.id)
    expect(shown?.timeline.map(({ text }) => text)).toContain(
      `resumed by maria: record ${id} is the hire’s. Because: Asked the people team`,
    )
    expectExactly(world, 0, { documents: 1, comments: 1 })
    expect(documentsOf(id)).toBe(1)
  })

  it('of whom a person says that there is none is made, once', async () => {
    const sandbox = await open()
    const run = await hired({ internalCandidate: true })
    // The answer is lost: the next attempt knows the decision, and looks before it makes.
    sandbox.faults.add({ system: 'hibob', operation: 'people.create', effect: { cut: 'after' } })
    expect(await resumed(run.id, makeAgain)).toMatchObject({ state: 'done', result: { did: 'created' } })
    expectExactly(world, 1)
  })

  it('of Pinpoint’s demo data is none', async () => {
    await open({ startDateRule: { daysAfterHire: 14 } })
    expect(await hired({ isDemo: true })).toMatchObject({ state: 'done', result: { did: 'created' } })
  })
})

describe('another application of somebody whom we made', () => {
  /** Made by the first application; what happens in HiBob; then the second one. */
  async function hiredAgain(
    meanwhile: (id: string) => void,
    seed: ApplicationSeed = {},
  ): Promise<{ readonly run: RunView; readonly id: string }> {
    await hired({})
    const { id } = world.sandbox.hibob.employees()[0]!
    meanwhile(id)
    return { run: await hired({ job: { title: 'Designer' }, ...seed }, 2), id }
  }

  it('whose e-mail was changed in HiBob is found by id: no second employee', async () => {
    const { hibob } = await open()
    const { run, id } = await hiredAgain((id) => hibob.setEmail(id, 'ada.example@corp.example'))
    expect(run).toMatchObject({ state: 'done', result: { did: 'found', recordId: id } })
    expectExactly(world, 1, { comments: 2 })
  })

  it('who has left is a re-hire for a person, not a find (F1)', async () => {
    const { hibob } = await open()
    const { run, id } = await hiredAgain((id) => hibob.setStatus(id, 'Inactive'))
    expectParked(run, 'hibob.former_employee', `--record ${id}`, '--make-again')
    expectExactly(world, 1)

    hibob.setStatus(id, 'Active')
    expect(await resumed(run.id, {}, 2)).toMatchObject({
      state: 'done',
      result: { did: 'found', recordId: id },
    })
    expectExactly(world, 1, { comments: 2 })
  })

  it.each([true, false])(
    'who was deleted there parks, with a CV: %j, until a person has a new one made (F1b)',
    async (cv) => {
      const { hibob } = await open()
      const { run, id } = await hiredAgain((id) => hibob.removeEmployee(id), cv ? {} : { cv: null })
      expectParked(run, 'runs.record_not_shown', '--record ID', '--make-again')
      expect(run.reason).toMatch(new RegExp(`record ${id},.*Deleted, or hidden from us\\?`))

      expect(await resumed(run.id, {}, 2)).toMatchObject({ state: 'parked', code: 'runs.record_not_shown' })
      const done = await resumed(run.id, makeAgain, 2)
      expect(done).toMatchObject({ state: 'done', result: { did: 'created', how: 'created' } })
      expect(hibob.employees()).toHaveLength(1)
      // The row is that of the new one now, for this application and the first one.
      await replayEvent(world.store.runs, run.event, { event: () => ['hibob'] })
      expect(await newest(3)).toMatchObject({
        state: 'done',
        result: { did: 'found', recordId: hibob.employees()[0]?.id },
      })
    },
  )

  it('who is only hidden from us now: a new one is refused as taken, and nothing is made twice (case 24)', async () => {
    const { hibob } = await open()
    const { run, id } = await hiredAgain((id) => hibob.changeEmployee(id, { outOfScope: true }))
    expectParked(run, 'runs.record_not_shown')
    expect(await resumed(run.id, makeAgain, 2)).toMatchObject({ state: 'parked', code: 'runs.exists_unseen' })

    hibob.changeEmployee(id, { outOfScope: false })
    expect(await resumed(run.id, {}, 2)).toMatchObject({ state: 'done', result: { recordId: id } })
    expectExactly(world, 1, { comments: 2 })
  })

  it('that is somebody else’s with the agency’s address parks, and never gets the first one’s record (F3)', async () => {
    const { hibob } = await open()
    const { run, id } = await hiredAgain((id) => hibob.setEmail(id, 'ada.example@corp.example'), {
      firstName: 'Bob',
    })
    expectParked(run, 'hibob.other_employee', `--record ${id}`, '--make-again')
    expect(documentsOf(id)).toBe(1)

    const done = await resumed(run.id, makeAgain, 2)
    expect(done).toMatchObject({ state: 'done', result: { did: 'created' } })
    expect(hibob.employees().map(({ firstName }) => firstName)).toEqual(['Ada', 'Bob'])
    expect(hibob.employees().map((one) => documentsOf(one.id))).toEqual([1, 1])
  })

  it('the first application run again is as it was, whatever has happened to the employee', async () => {
    const { hibob } = await open()
    const first = await hired({})
    hibob.setStatus(hibob.employees()[0]!.id, 'Inactive')
    await replayEvent(world.store.runs, first.event, { event: () => ['hibob'] })
    expect(await newest(2)).toMatchObject({ state: 'done', result: { did: 'found' } })
  })
})

describe('what a person decides', () => {
  it('parks again when HiBob does not show the record that was named', async () => {
    const { hibob } = await open()
    const { id } = hibob.addEmployee({ email: 'mara.muster@corp.example', person: 'mara' })
    const run = await hired({ email: 'mara@example.com', person: 'mara', internalCandidate: true })
    for (const wrong of ['404', 'not-a-number']) {
      const again = await resumed(run.id, record(wrong))
      expectParked(again, 'runs.named_record_not_shown', '--record ID')
      expect(again.reason).toContain(`no record ${wrong}`)
    }
    expect(await resumed(run.id, record(id))).toMatchObject({ state: 'done', result: { recordId: id } })
    expectExactly(world, 0, { documents: 1, comments: 1 })
  })

  it('is taken over when HiBob passes filters over: only the record of this very id is theirs', async () => {
    const { hibob } = await open()
    hibob.addEmployee({ email: 'zoe@example.com' })
    hibob.configure('acme', { ignoresFilters: true })
    const run = await hired({ internalCandidate: true })
    expectParked(await resumed(run.id, record('404')), 'runs.named_record_not_shown')
  })

  it('counts for its run only, and only while that is parked', async () => {
    const { hibob } = await open()
    const { id } = hibob.addEmployee({ email: 'mara.muster@corp.example', person: 'mara' })
    const internal = { internalCandidate: true, email: 'mara@example.com', person: 'mara' }
    const first = await hired(internal)
    await resumed(first.id, record(id))
    await expect(resumeRun(world.store.runs, first.id, makeAgain)).rejects.toMatchObject({
      code: 'runs.not_parked',
    })

    // Another application: the row says whose record it is, and it is read.
    expect(await hired({ ...internal, firstName: 'Mara' }, 2)).toMatchObject({
      state: 'done',
      result: { recordId: id },
    })
    expect(await hired({ ...internal, firstName: 'Max' }, 3)).toMatchObject({ code: 'hibob.other_employee' })
    expectExactly(world, 0, { documents: 1, comments: 2 })
  })

  it('outlives other reasons to park, and lets two runs of one person make one', async () => {
    const { hibob } = await open()
    await hired({})
    hibob.removeEmployee(hibob.employees()[0]!.id)
    const runs = [
      await hired({ job: { title: 'Designer' } }, 2),
      await hired({ job: { title: 'Recruiter' } }, 3),
    ]
    await world.apply({ hibob: { readLagSeconds: 0, site: 'Atlantis' } })
    for (const { id } of runs) {
      await resumeRun(world.store.runs, id, makeAgain)
      await world.settled(3)
    }
    await world.apply({ hibob: { readLagSeconds: 0 } })
    const settled = await world.settled(3)
    expect(settled.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    expect(hibob.employees()).toHaveLength(1)
  })
})
