/** What changes between the hire, its run and the next event about it: a signed webhook in, nothing or exactly one out. */
import { afterEach, describe, expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { resumeRun, type RunView } from '../../src/operator/operate.ts'
import { runCommand } from '../support/command-line.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const email = 'ada@example.com'
const offer = (startOn: string) => ({ startOn: null, offers: [{ result: 'accepted' as const, startOn }] })

describe('a start date that is changed in Pinpoint after the employee was made', () => {
  const now = Math.floor(Date.now() / 1000)
  async function hiredTwice(changed: string, hide?: string): Promise<RunView> {
    const { id, job } = world.sandbox.pinpoint.addApplication({ email, ...offer('2027-01-04') })
    await world.send(hireEvent(id, job.id, now - 86_400))
    await world.settled(1)
    world.sandbox.pinpoint.changeApplication(id, offer(changed))
    if (hide !== undefined) world.sandbox.hibob.configure('acme', { hiddenFields: [hide] })
    await world.send(hireEvent(id, job.id, now))
    const [again] = await world.settled(2)
    return again!
  }

  it('is told on the next run, without the days, and nobody is made again (case 10)', async () => {
    world = await openWorld()
    const again = await hiredTwice('2027-02-01')
    expect(again).toMatchObject({
      state: 'done',
      result: { did: 'found', warnings: [{ code: 'hibob.start_date_differs' }] },
    })
    expect(JSON.stringify(again.result?.['warnings'])).not.toMatch(/2027/)
    expectExactly(world, 1)
    expect(world.sandbox.hibob.employees()).toMatchObject([{ startDate: '2027-01-04' }])
  })

  it.each([
    ['is the same after all', '2027-01-04', undefined],
    ['is not shown by HiBob', '2027-02-01', 'work.startDate'],
  ])('is not told when it %s (case 10)', async (_, changed, hide) => {
    world = await openWorld()
    expect(await hiredTwice(changed, hide)).toMatchObject({ state: 'done', result: { warnings: [] } })
  })
})

describe('somebody of the same name', () => {
  it('is nobody’s match: each hire has a record of their own, and HiBob takes no search by name (case 19)', async () => {
    world = await openWorld()
    const namesake = world.sandbox.hibob.addEmployee({ email: 'other@example.com', firstName: 'Ada' })
    await world.hire({ email, firstName: 'Ada', lastName: 'Example' })
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ state: 'done', result: { did: 'created', warnings: [] } })
    expectExactly(world, 1)
    expect(run?.result?.['recordId']).not.toBe(namesake.id)
    expect(world.sandbox.hibob.documents(namesake.id)).toEqual([])
  })
})

describe('somebody who is made by hand', () => {
  it('between the search and the create is found, and no second one is made (case 25)', async () => {
    world = await openWorld({ hibob: { readLagSeconds: 0 } })
    const { faults, hibob } = world.sandbox
    const held = faults.add({ system: 'hibob', operation: 'people.create', effect: { hold: 'before' } })
    await world.hire({ email, firstName: 'Ada' })
    await faults.whenHeld(held.id)
    const { id } = hibob.addEmployee({ email, firstName: 'Ada' })
    faults.remove(held.id)
    expect(await world.settled(1)).toMatchObject([{ state: 'done', result: { did: 'found', recordId: id } }])
    expect(hibob.employees()).toHaveLength(1)
    expectExactly(world, 0, { documents: 1, comments: 1 })
  })
})

describe('a connection that changes while a run waits for its time', () => {
  const delayed = { connection: { delay: '1h' } } satisfies WorldOptions
  async function waiting(): Promise<RunView> {
    await world.hire({ email })
    return until('the run to wait', async () => {
      const [run] = await world.store.runs.listRuns({ limit: 1 })
      return run?.state === 'queued' && run
    })
  }
  const turn = (how: string) => runCommand(['connections', how, 'acme', 'hibob'], world.env)
  const sent = () => world.sandbox.calls.list({ system: 'hibob' }).length

  it('and is switched off sends nothing more, until it is on again (cases 32, 64)', async () => {
    world = await openWorld(delayed)
    const { id } = await waiting()
    await turn('disable')
    await resumeRun(world.store.runs, id)
    expect(await world.settled(1)).toMatchObject([{ state: 'parked', code: 'runs.connection_off' }])
    expect(sent()).toBe(0)
    await turn('enable')
    expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
    expectExactly(world, 1)
  })

  it('and gets other credentials runs with these (case 32)', async () => {
    world = await openWorld(delayed)
    const { id } = await waiting()
    world.sandbox.hibob.configure('acme', { serviceUserToken: 'another-token-of-hibob' })
    await world.apply(delayed)
    await resumeRun(world.store.runs, id)
    expect(await world.settled(1)).toMatchObject([{ state: 'done', result: { warnings: [] } }])
    expectExactly(world, 1)
    expect(world.sandbox.calls.list({ system: 'hibob' }).map(({ status }) => status)).not.toContain(401)
  })
})
