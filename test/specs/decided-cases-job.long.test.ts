/** The job of a hire: confidential ones are like any other, and one that this key may not read stops nothing that can do without. */
import { afterEach, describe, expect, it } from 'vitest'

import { resumeRun } from '../../src/operator/operate.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const email = 'ada@example.com'
const bySites = { site: 'New York (Demo)', sites: { Springfield: 'London (Demo)' } }

/** Neither with an application nor by itself. */
function refuseJobs(status: number) {
  world.sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: ['job'] })
  return world.sandbox.faults.add({
    system: 'pinpoint',
    operation: 'jobs.get',
    effect: { status },
    times: 'always',
  })
}

async function settledRun() {
  const [run] = await world.settled(1)
  return run!
}

describe('a hire for a confidential job', () => {
  it('is like any other: site by its location, department, CV and comment (case 57)', async () => {
    world = await openWorld({ hibob: bySites })
    await world.hire({ email, job: { visibility: 'confidential', location: 'Springfield' } })
    expect(await settledRun()).toMatchObject({ state: 'done', result: { did: 'created', warnings: [] } })
    expectExactly(world, 1)
    expect(world.sandbox.hibob.employees()).toMatchObject([
      { site: 'London (Demo)', department: 'Engineering' },
    ])
  })
})

describe.each([400, 403, 404])('a hire whose job Pinpoint answers with %i', (status) => {
  it('is done with what the application says, where the settings name the site; the department is missed', async () => {
    world = await openWorld()
    refuseJobs(status)
    await world.hire({ email, offers: [{ result: 'accepted', startOn: '2027-02-01' }] })
    const run = await settledRun()
    expect(run).toMatchObject({
      state: 'done',
      result: { did: 'created', warnings: [{ code: 'hibob.job_unread' }] },
    })
    expectExactly(world, 1)
    expect(world.sandbox.hibob.employees()).toMatchObject([
      { site: 'New York (Demo)', title: 'Software Engineer', department: null },
    ])
    const [connection] = await world.store.connections.list()
    expect(connection).toMatchObject({ integration: 'hibob', enabled: true, paused: undefined })
  })

  it.each([
    ['some sites depend on the location', bySites],
    ['every site depends on the location', { site: undefined, sites: {} }],
  ])('parks with the missing permission when %s, and never takes a guess', async (_what, hibob) => {
    world = await openWorld({ hibob })
    const refused = refuseJobs(status)
    await world.hire({ email, job: { location: hibob === bySites ? 'Springfield' : 'London (Demo)' } })
    const parked = await settledRun()
    expect(parked).toMatchObject({ state: 'parked', code: 'hibob.hire_incomplete' })
    expect(parked.reason).toContain(`Pinpoint does not show the job to this API key (${status})`)
    expect(parked.fix).toMatch(/^Set the permission to read jobs \(Job: Read\) of the API key in Pinpoint/)
    expectExactly(world, 0)
    expect(world.sandbox.calls.count('hibob', 'people.create')).toBe(0)

    world.sandbox.faults.remove(refused.id)
    await resumeRun(world.store.runs, parked.id)
    expect(await settledRun()).toMatchObject({ state: 'done', result: { warnings: [] } })
    expectExactly(world, 1)
    expect(world.sandbox.hibob.employees()).toMatchObject([{ site: 'London (Demo)' }])
  })
})

describe('a hire whose key Pinpoint refuses altogether when it is asked for the job', () => {
  it('parks and pauses the connection, as ever', async () => {
    world = await openWorld()
    refuseJobs(401)
    await world.hire({ email })
    expect(await settledRun()).toMatchObject({ state: 'parked', code: 'pinpoint.credentials_refused' })
    expectExactly(world, 0)
    const [connection] = await world.store.connections.list()
    expect(connection?.paused?.code).toBe('pinpoint.credentials_refused')
  })
})
