/** What a person does with runs — resume, cancel, replay — makes nothing twice and nothing more than was asked for. */
import { afterEach, describe, expect, it } from 'vitest'

import type { Effect } from '../../sandbox/index.ts'
import { hireEvent } from '../../sandbox/index.ts'
import { cancelRun, replayEvent, resumeRun, type RunView } from '../../src/operator/operate.ts'
import { waitInVain } from '../support/age.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const email = 'ada@example.com'
const noDate = { email, startOn: null, offers: [] }
const handles = { event: () => ['hibob', 'webhook'] }

const runAdmin = () => world.store.runs
const newestRun = () =>
  until('a run', async () => {
    const [run] = await runAdmin().listRuns({ limit: 1 })
    return run ?? false
  })
const newestIn = (state: RunView['state']) =>
  until(`the newest run to be ${state}`, async () => {
    const run = await newestRun()
    return run.state === state && run
  })
const runIn = async (id: string, state: RunView['state']) =>
  until(`run ${id} to be ${state}`, async () => {
    const shown = await runAdmin().showRun(id)
    return shown?.run.state === state && shown
  })

/** A hire whose run stands still in the middle of this call. */
async function hireHeldAt(operation: string, effect: Effect, options: WorldOptions = {}) {
  world = await openWorld(options)
  const system = operation.startsWith('comments') ? 'pinpoint' : 'hibob'
  const fault = world.sandbox.faults.add({ system, operation, effect })
  await world.hire({ email })
  await world.sandbox.faults.whenHeld(fault.id)
  return { run: await newestIn('running'), release: () => world.sandbox.faults.remove(fault.id) }
}

describe('a parked run', () => {
  it('that is resumed too early parks again, as often as one likes, and nothing is made', async () => {
    world = await openWorld()
    const application = await world.hire(noDate)
    const [{ id }] = (await world.settled(1)) as [RunView]
    for (let again = 0; again < 3; again++) {
      expect(await resumeRun(runAdmin(), id)).toMatchObject({ id, fix: null, code: null })
      expect(await world.settled(1)).toMatchObject([{ id, state: 'parked', code: 'hibob.hire_incomplete' }])
    }
    expectExactly(world, 0)
    expect((await runAdmin().showRun(id))?.timeline.map(({ kind }) => kind)).toEqual(
      ['queued', 'running', 'parked'].concat(
        ...Array.from({ length: 3 }, () => ['queued', 'running', 'parked']),
      ),
    )

    world.sandbox.pinpoint.changeApplication(application, { startOn: '2027-01-04' })
    await resumeRun(runAdmin(), id)
    expect(await world.settled(1)).toMatchObject([{ id, state: 'done', attempt: 5 }])
    expectExactly(world, 1)
  })

  it('that twenty people resume at once goes on once', async () => {
    world = await openWorld()
    const application = await world.hire(noDate)
    const [{ id }] = (await world.settled(1)) as [RunView]
    world.sandbox.pinpoint.changeApplication(application, { startOn: '2027-01-04' })
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => resumeRun(runAdmin(), id)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await world.settled(1)).toMatchObject([{ state: 'done', attempt: 2 }])
    expectExactly(world, 1)
  })

  it('does not hold up another hire of the same person', async () => {
    world = await openWorld()
    // However it is sent: one that is refused once goes through without what it can do without.
    const refusal = { system: 'hibob', operation: 'people.create', effect: { status: 422 } } as const
    const refused = world.sandbox.faults.add({ ...refusal, times: 'always' })
    await world.hire({ email })
    const [{ id }] = (await world.settled(1)) as [RunView]
    expect((await runAdmin().showRun(id))?.run).toMatchObject({ state: 'parked' })
    world.sandbox.faults.remove(refused.id)

    await world.hire({ email, job: { title: 'Designer' } })
    await world.settled(2)
    await resumeRun(runAdmin(), id)
    const runs = await world.settled(2)
    expect(runs.map(({ state, result }) => [state, result?.['did']])).toEqual([
      ['done', 'created'],
      ['done', 'found'],
    ])
    expectExactly(world, 1, { comments: 2 })
  })
})

describe('a cancelled run', () => {
  it('that was parked makes nothing when the reason is gone, and is not resumed', async () => {
    world = await openWorld({ hibob: { site: 'Atlantis' } })
    await world.hire({ email })
    const [{ id, event }] = (await world.settled(1)) as [RunView]
    expect(await cancelRun(runAdmin(), id)).toMatchObject({ state: 'cancelled' })
    await world.apply({})
    await expect(resumeRun(runAdmin(), id)).rejects.toMatchObject({ code: 'runs.not_resumable' })
    await expect(cancelRun(runAdmin(), id)).rejects.toMatchObject({ code: 'runs.not_cancellable' })

    // Whatever of it were still under way would have come before this second hire is done.
    await world.hire({ email: 'grace@example.com' })
    await world.settled(2)
    expectExactly(world, 1)
    expect(world.sandbox.hibob.withEmail('acme', email)).toEqual([])

    await replayEvent(runAdmin(), event, handles)
    expect((await world.settled(3))[0]).toMatchObject({ state: 'done', result: { did: 'created' } })
    expectExactly(world, 2)
  })

  it('that waited for HiBob is not tried again when its time has come', async () => {
    world = await openWorld()
    const { sandbox, store } = world
    const rateLimit = { resetInSeconds: 1 }
    sandbox.faults.add({ system: 'hibob', operation: 'people.search', effect: { rateLimit } })
    await world.hire({ email })
    const { id } = await newestIn('waiting')
    await cancelRun(runAdmin(), id)

    await until('the job of the cancelled run to be taken and dropped', async () => {
      const { rowCount } = await store.database.pool.query(
        `select from pgboss.job where name = 'runs' and state in ('created', 'retry', 'active')`,
      )
      return rowCount === 0
    })
    expect(sandbox.calls.count('pinpoint', 'applications.get')).toBe(1)
    expect((await runAdmin().showRun(id))?.timeline.map(({ kind }) => kind)).toEqual([
      'queued',
      'running',
      'waiting',
      'cancelled',
    ])
    expectExactly(world, 0)
  })

  it('that was looking for the person makes nothing more', async () => {
    const { run, release } = await hireHeldAt('people.search', { hold: 'before' })
    await cancelRun(runAdmin(), run.id)
    release()
    // The same worker finds the run gone before it makes anything; a second hire shows that it has gone on.
    await world.hire({ email: 'grace@example.com' })
    await world.settled(2)
    await world.service?.close()
    expectExactly(world, 1)
    expect(world.sandbox.hibob.withEmail('acme', email)).toEqual([])
    expect((await runAdmin().showRun(run.id))?.run.state).toBe('cancelled')
  })

  it('that was in the middle of a creation makes neither CV nor comment; a replay adopts the employee and does the rest', async () => {
    const { run, release } = await hireHeldAt(
      'people.create',
      { hold: 'before' },
      { hibob: { readLagSeconds: 0 } },
    )
    await cancelRun(runAdmin(), run.id)
    release()
    await until('the call that was under way to land', () => world.sandbox.hibob.employees().length === 1)
    expect((await runAdmin().showRun(run.id))?.run.state).toBe('cancelled')

    await replayEvent(runAdmin(), run.event, handles)
    const { run: again } = await runIn((await newestRun()).id, 'done')
    expect(again).toMatchObject({ result: { how: 'adopted' } })
    expectExactly(world, 1)
  })
})

describe('a replay', () => {
  it('of a done run makes nothing twice, says that it found everything, and adds no comment', async () => {
    world = await openWorld({ webhook: true })
    await world.hire({ email })
    const [{ event }] = (await world.settled(2)) as [RunView]
    const before = world.sandbox.ledger()
    for (const number of [3, 4, 5]) {
      await replayEvent(runAdmin(), event, { ...handles, integration: 'hibob' })
      const [run] = await world.settled(number)
      expect(run).toMatchObject({
        integration: 'hibob',
        state: 'done',
        result: { did: 'found', how: 'found', recordId: before.employees[0]?.id, warnings: [] },
      })
    }
    const after = world.sandbox.ledger()
    expectExactly(world, 1)
    expect([after.employees, after.documents, after.comments]).toEqual([
      before.employees,
      before.documents,
      before.comments,
    ])
    expect(after.deliveries).toHaveLength(1)
  })

  it('of a done run whose employee has left meanwhile hires nobody again', async () => {
    world = await openWorld()
    await world.hire({ email })
    const [{ event }] = (await world.settled(1)) as [RunView]
    world.sandbox.hibob.setStatus(world.sandbox.hibob.employees()[0]!.id, 'Inactive')
    await replayEvent(runAdmin(), event, handles)
    await world.settled(2)
    expectExactly(world, 1)
  })

  it('of a refused run is done once the application is hired again', async () => {
    world = await openWorld()
    const application = await world.hire({ email, stage: 'offer' })
    await waitInVain(world)
    const [{ event }] = (await world.settled(1)) as [RunView]
    world.sandbox.pinpoint.changeApplication(application, { stage: 'hired' })
    await replayEvent(runAdmin(), event, handles)
    const runs = await world.settled(2)
    expect(runs.map(({ state }) => state)).toEqual(['done', 'refused'])
    expectExactly(world, 1)
  })

  it('that twenty people ask for at once is one run', async () => {
    world = await openWorld()
    await world.hire({ email })
    const [{ event }] = (await world.settled(1)) as [RunView]
    const { faults } = world.sandbox
    const held = faults.add({ system: 'pinpoint', operation: 'applications.get', effect: { hold: 'before' } })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => replayEvent(runAdmin(), event, handles)),
    )
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(19)
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'runs.unfinished' })
    faults.remove(held.id)
    expect((await world.settled(2)).map(({ state }) => state)).toEqual(['done', 'done'])
    expectExactly(world, 1)
  })

  it('is refused while the run of the event is unfinished, and says what to do', async () => {
    world = await openWorld()
    await world.hire(noDate)
    const [{ event, id }] = (await world.settled(1)) as [RunView]
    await expect(replayEvent(runAdmin(), event, handles)).rejects.toMatchObject({
      code: 'runs.unfinished',
      fix: `Resume it (runs resume ${id}) or cancel it; then replay.`,
    })
  })

  it('of an event that no connection handled at the time does it now', async () => {
    world = await openWorld()
    const { id, job } = world.sandbox.pinpoint.addApplication({ email })
    const response = await world.send(hireEvent(id, job.id), { query: '?integration=webhook' })
    const { event, runs } = (await response.json()) as { event: string; runs: number }
    expect(runs).toBe(0)
    await replayEvent(runAdmin(), event, { event: () => ['hibob'] })
    expect(await world.settled(1)).toMatchObject([{ state: 'done', result: { did: 'created' } }])
    expectExactly(world, 1)
  })
})
