/** A hire that is undone: without consequence while its run waits, shown to a person once a record exists. */
import { afterEach, describe, expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { resumeRun, type RunView } from '../../src/operator/operate.ts'
import { waitInVain } from '../support/age.ts'
import { runCommand } from '../support/command-line.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'
import { checkedAt, lookNow } from './recheck-now.ts'

let world: World
afterEach(() => world.close())

const runAdmin = () => world.store.runs
const inState = (id: string, state: RunView['state']) =>
  until(`run ${id} to be ${state}`, async () => {
    const shown = await runAdmin().showRun(id)
    return shown?.run.state === state && shown
  })
const onlyRun = async () => {
  const [run, ...more] = await until('the run to begin', async () => {
    const runs = await runAdmin().listRuns({ limit: 5 })
    return runs.length > 0 && runs
  })
  expect(more).toEqual([])
  return run!
}

async function delayed(delay = '2h', seed: Parameters<World['hire']>[0] = {}) {
  world = await openWorld({ connection: { delay } })
  const application = await world.hire(seed)
  return { application, run: await onlyRun() }
}

let at = 1_800_000_000
/** An event of a name that is documented nowhere, about the application. */
async function moved(application: string): Promise<void> {
  const data = { application: { id: Number(application) } }
  const body = JSON.stringify({ event: 'application_moved', triggeredAt: at++, data })
  expect((await world.send(body)).status).toBe(200)
}
const undo = (application: string) =>
  world.sandbox.pinpoint.changeApplication(application, { stage: 'offer', hiredAt: null })

describe('A connection with a delay', () => {
  it('makes a run wait so long after the hire, and says until when and why', async () => {
    const { run } = await delayed('2h')
    expect(run).toMatchObject({
      state: 'queued',
      attempt: 0,
      reason: expect.stringContaining('revoked') as string,
    })
    const wait = Date.parse(run.nextAt!) - Date.now()
    expect(wait).toBeGreaterThan(7100_000)
    expect(wait).toBeLessThanOrEqual(7200_000)
    expectExactly(world, 0)
  })

  it('acts when the time has come', async () => {
    const { run } = await delayed('1s')
    expect(run.state).toBe('queued')
    await inState(run.id, 'done')
    expectExactly(world, 1)
  })

  it('counts from the hire, not from a webhook that comes late', async () => {
    world = await openWorld({ connection: { delay: '2h' } })
    const { id, job } = world.sandbox.pinpoint.addApplication()
    await world.send(hireEvent(id, job.id, Math.floor(Date.now() / 1000) - 7300))
    expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
  })

  it('waits no longer than its delay, whatever the clock of Pinpoint says', async () => {
    world = await openWorld({ connection: { delay: '1h' } })
    const { id, job } = world.sandbox.pinpoint.addApplication()
    await world.send(hireEvent(id, job.id, Math.floor(Date.now() / 1000) + 86_400))
    expect(Date.parse((await onlyRun()).nextAt!)).toBeLessThanOrEqual(Date.now() + 3600_000)
  })

  it('can be told not to wait for one hire', async () => {
    const { run } = await delayed()
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => resumeRun(runAdmin(), run.id)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await inState(run.id, 'done')
    expectExactly(world, 1)
  })
})

describe('A hire that is undone while its run waits', () => {
  it('cancels the run as soon as an event about the application comes, and nothing is made', async () => {
    const { application, run } = await delayed()
    undo(application)
    await moved(application)
    const { run: ended } = await inState(run.id, 'cancelled')
    expect(ended).toMatchObject({
      code: 'runs.hire_undone',
      reason: `Application ${application} is no longer hired (it is in "offer"): cancelled`,
      nextAt: null,
    })
    expectExactly(world, 0)
  })

  it('cancels the run when the application is deleted', async () => {
    const { application, run } = await delayed()
    world.sandbox.pinpoint.removeApplication(application)
    await moved(application)
    expect((await inState(run.id, 'cancelled')).run.reason).toContain('does not exist in Pinpoint any more')
  })

  it('ends refused without any event, when the time has come', async () => {
    const { application, run } = await delayed('1s')
    undo(application)
    await waitInVain(world)
    expect((await inState(run.id, 'refused')).run.code).toBe('pinpoint.not_hired')
    expectExactly(world, 0)
  })

  it('is not taken for undone because of an event while it is hired', async () => {
    const { application, run } = await delayed()
    await moved(application)
    await checkedAt(world, run.id, 1)
    expect((await onlyRun()).state).toBe('queued')
    // Asked a second time, since events may be faster than what the API shows; then no more.
    await lookNow(world)
    await until(
      'the look to be forgotten',
      async () => (await runAdmin().showRun(run.id))?.rechecks.length === 0,
    )
    expect((await onlyRun()).state).toBe('queued')
  })

  it('is seen at the second look when the first still showed the old stage', async () => {
    const { application, run } = await delayed()
    await moved(application)
    await checkedAt(world, run.id, 1)
    undo(application)
    await lookNow(world)
    await inState(run.id, 'cancelled')
  })

  it('and hired again starts another run', async () => {
    const { application, run } = await delayed()
    undo(application)
    await moved(application)
    await inState(run.id, 'cancelled')
    const { job } = world.sandbox.pinpoint.changeApplication(application, { stage: 'hired' })!
    await world.send(hireEvent(application, job.id, Math.floor(Date.now() / 1000) - 7300))
    const runs = await world.settled(2)
    expect(runs.map(({ state }) => state).sort()).toEqual(['cancelled', 'done'])
    expectExactly(world, 1)
  })
})

describe('A hire that is undone after its employee was made', () => {
  async function undoneTooLate() {
    world = await openWorld()
    const application = await world.hire()
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ state: 'done' })
    undo(application)
    await moved(application)
    return { application, parked: await inState(run!.id, 'parked') }
  }

  it('parks the run with what exists and since when, and touches nothing', async () => {
    const { application, parked } = await undoneTooLate()
    const [employee] = world.sandbox.hibob.employees()
    const today = new Date().toISOString().slice(0, 10)
    expect(parked.run).toMatchObject({
      code: 'runs.hire_undone',
      reason:
        `Application ${application} is no longer hired (it is in "offer"), and record ${employee!.id} exists in HiBob ` +
        `since ${today}: decide there.`,
      result: { recordId: employee!.id },
    })
    expectExactly(world, 1)
    const calls = Object.keys(world.sandbox.ledger().calls)
    expect(calls.filter((call) => /delete|terminate|revoke/i.test(call))).toEqual([])
  })

  it('goes back to done when the person is hired again, and makes nothing a second time', async () => {
    const { application, parked } = await undoneTooLate()
    world.sandbox.pinpoint.changeApplication(application, { stage: 'hired' })
    await moved(application)
    expect((await inState(parked.run.id, 'done')).run).toMatchObject({ code: null, reason: null })
    expectExactly(world, 1)
  })

  it('parks again, with what was made, when it is resumed without being hired again', async () => {
    const { parked } = await undoneTooLate()
    await resumeRun(runAdmin(), parked.run.id)
    const again = await until('the run to park again', async () => {
      const shown = await runAdmin().showRun(parked.run.id)
      return shown?.run.state === 'parked' && shown.run.attempt === 2 && shown
    })
    const [employee] = world.sandbox.hibob.employees()
    expect(again.run.code).toBe('runs.hire_undone')
    expect(again.run.reason).toContain(`Employee in HiBob (${employee!.id})`)
    expectExactly(world, 1)
  })

  it('parks nothing when the employee was there before', async () => {
    world = await openWorld()
    world.sandbox.hibob.addEmployee({ email: 'ada@example.com' })
    const application = await world.hire({ email: 'ada@example.com' })
    const [run] = await world.settled(1)
    undo(application)
    await moved(application)
    await checkedAt(world, run!.id, 1)
    expect((await onlyRun()).state).toBe('done')
  })

  it('is noticed by a run that was at work when the event came', async () => {
    world = await openWorld()
    const fault = world.sandbox.faults.add({
      system: 'hibob',
      operation: 'people.create',
      effect: { hold: 'after' },
    })
    const application = await world.hire()
    await world.sandbox.faults.whenHeld(fault.id)
    const run = await onlyRun()
    undo(application)
    await moved(application)
    await checkedAt(world, run.id, 1)
    world.sandbox.faults.remove(fault.id)
    await inState(run.id, 'done')
    await lookNow(world)
    await inState(run.id, 'parked')
    expectExactly(world, 1)
  })
})

describe('A hire that is undone while a replay paces its run', () => {
  it('is not cancelled as if nothing had begun, but parks with what it has made', async () => {
    world = await openWorld()
    const comments = { system: 'pinpoint', operation: 'comments.create' } as const
    const refused = world.sandbox.faults.add({ ...comments, effect: { status: 422 }, times: 'always' })
    await world.hire({ email: 'ada@example.com' })
    await world.settled(1)
    const application = await world.hire({ email: 'brook@example.com' })
    const [run] = (await world.settled(2)).filter(({ subject }) => subject === application)
    expect(run).toMatchObject({ state: 'parked' })
    expect(world.sandbox.hibob.employees()).toHaveLength(2)

    const all = ['replay', '--tenant', 'acme', '--since', '1d', '--state', 'parked', '--rate', '1/h', '--yes']
    expect((await runCommand(all, world.env)).code).toBe(0)
    expect((await runAdmin().showRun(run!.id))?.run).toMatchObject({ state: 'queued' })
    world.sandbox.faults.remove(refused.id)
    undo(application)
    await moved(application)
    await checkedAt(world, run!.id, 1)
    expect((await runAdmin().showRun(run!.id))?.run).toMatchObject({ state: 'queued' })

    await resumeRun(runAdmin(), run!.id)
    expect((await inState(run!.id, 'parked')).run).toMatchObject({
      code: 'runs.hire_undone',
      reason: expect.stringContaining('Employee in HiBob') as string,
    })
  }, 60_000)
})
