/** What a hire costs in calls, which is what limits how many there can be; and that no look which keeps hires single is saved. */
import { afterEach, describe, expect, it } from 'vitest'

import { resumeRun } from '../../src/operator/operate.ts'
import { lookNow } from '../parking/recheck-now.ts'
import { callsDuring as callsIn } from '../support/calls-during.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

type Seed = Parameters<World['hire']>[0]

const callsDuring = (work: () => Promise<unknown>) => callsIn(world, work)

async function hireAndSettle(seed: Seed, runs: number) {
  const id = await world.hire(seed)
  await world.settled(runs)
  return id
}

/** `pinpoint jobs.get 2xx` → how many, since the service started. */
async function countedCalls(): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${world.service!.adminUrl}/metrics`)).text()
  const line =
    /^pinpoint_webhooks_outbound_calls_total\{destination="(.+?)",operation="(.+?)",answer="(.+?)"\} (\d+)$/gm
  return Object.fromEntries(
    Array.from(text.matchAll(line), ([, destination, operation, answer, count]) => [
      `${destination} ${operation} ${answer}`,
      Number(count),
    ]),
  )
}
/** A read that fails is repeated twice before its attempt fails. */
const callsOfRead = 3

const inHibob = { 'hibob people.search': 1, 'hibob people.create': 1, 'hibob docs.upload': 1 }
const files = { 'files files.link': 1, 'files files.get': 1 }
const inPinpoint = { 'pinpoint applications.get': 1, 'pinpoint comments.create': 1 }

describe('a fresh hire with a CV costs', () => {
  it('two calls to Pinpoint, three to HiBob and two for the file', async () => {
    world = await openWorld()
    await hireAndSettle({}, 1)
    expect(await callsDuring(() => hireAndSettle({ job: { title: 'Designer' } }, 2))).toEqual({
      ...files,
      ...inHibob,
      ...inPinpoint,
    })
    expectExactly(world, 2)
    // As the run and the metrics have it.
    const [run] = await world.settled(2)
    expect((await world.store.runs.showRun(run!.id))?.cost).toEqual({
      calls: { pinpoint: 2, hibob: 3, file: 2 },
      uncountedAttempts: 0,
      waitedForLimitsSeconds: 0,
    })
    expect(await countedCalls()).toMatchObject({
      'pinpoint applications.get 2xx': 2,
      'pinpoint comments.create 2xx': 2,
      'hibob people.search 2xx': 2,
      'hibob people.create 2xx': 2,
      'hibob docs.upload 2xx': 2,
      'file download 3xx': 2,
      'file download 2xx': 2,
    })
  })

  it('no more with a second integration', async () => {
    world = await openWorld({ webhook: true })
    expect(await callsDuring(() => hireAndSettle({}, 2))).toMatchObject({ ...inPinpoint, ...inHibob })
    expect(world.sandbox.calls.list({ system: 'pinpoint' })).toHaveLength(2)
    expect(JSON.stringify(world.sandbox.ledger().deliveries)).not.toContain('comments')
  })

  it('one more for the first hire of a job, where Pinpoint refuses to send that along; it is remembered', async () => {
    world = await openWorld()
    world.sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: ['job'] })
    const first = await callsDuring(() => hireAndSettle({}, 1))
    expect(first).toMatchObject({ 'pinpoint applications.get': 2, 'pinpoint jobs.get': 1 })
    const { rows } = await world.store.database.pool.query('select refused_extras from tenants')
    expect(rows).toEqual([{ refused_extras: ['job'] }])

    const same = await callsDuring(() => hireAndSettle({}, 2))
    expect(same).toEqual({ ...files, ...inHibob, ...inPinpoint })
    const other = await callsDuring(() => hireAndSettle({ job: { title: 'Designer' } }, 3))
    expect(other).toEqual({ ...files, ...inHibob, ...inPinpoint, 'pinpoint jobs.get': 1 })
    expectExactly(world, 3)

    await world.apply({ demoHires: true })
    const changed = await world.store.database.pool.query('select refused_extras from tenants')
    expect(changed.rows).toEqual([{ refused_extras: [] }])
  })
})

describe('a comment of ours that the database does not know is found', () => {
  it.each([
    ['whole', 0],
    ['cut', 1],
    ['left_out', 1],
  ] as const)('when the comments come along %s', async (commentsAlong, lists) => {
    world = await openWorld()
    world.sandbox.pinpoint.addTenant({ subdomain: 'acme', commentsAlong })
    const { id: employee } = world.sandbox.hibob.addEmployee({ email: 'ada@example.com' })
    const { id } = world.sandbox.pinpoint.addApplication({ email: 'ada@example.com' })
    world.sandbox.pinpoint.addComment(id, 'Welcome')
    world.sandbox.pinpoint.addComment(id, `Record found with ID: ${employee}`)
    await world.send(JSON.stringify(eventOf(id)))
    expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
    expect(world.sandbox.ledger().counts.comments).toBe(2)
    expect(world.sandbox.calls.count('pinpoint', 'comments.list')).toBe(lists)
  })
})

const eventOf = (id: string) => ({
  event: 'application_hired',
  triggeredAt: Math.floor(Date.now() / 1000),
  data: { application: { id: Number(id) } },
})

describe('what is kept of a job and of lists', () => {
  const job = { id: '7', location: 'Leeds' }
  const options = { hibob: { site: undefined } }
  const moved = { job: { id: '7', location: 'London (Demo)' } }
  const open = async () => {
    world = await openWorld(options)
    world.sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: ['job'] })
    const id = await world.hire({ job })
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ state: 'parked', code: 'hibob.site_unknown' })
    return { id, run: run! }
  }

  it('is not for a run that a person resumes', async () => {
    const { id, run } = await open()
    world.sandbox.pinpoint.changeApplication(id, moved)
    const calls = await callsDuring(async () => {
      await resumeRun(world.store.runs, run.id)
      await world.settled(1)
    })
    expect(calls).toMatchObject({ 'pinpoint applications.get': 1, 'pinpoint jobs.get': 1 })
    expect(calls['hibob lists.get']).toBeGreaterThanOrEqual(3)
    expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
    expectExactly(world, 1)
  })

  it('nor for a recheck, and what that has read serves the attempt that it causes', async () => {
    const { id } = await open()
    world.sandbox.pinpoint.changeApplication(id, moved)
    const calls = await callsDuring(async () => {
      await lookNow(world)
      await expect.poll(async () => (await world.settled(1))[0]?.state, { timeout: 20_000 }).toBe('done')
    })
    expect(calls).toMatchObject({ 'pinpoint applications.get': 1, 'pinpoint jobs.get': 1 })
    expectExactly(world, 1)
  })

  it('nor where a call of each kind fails once: what was read is not read again, but for the call itself', async () => {
    world = await openWorld()
    const { faults } = world.sandbox
    faults.add({ system: 'pinpoint', operation: 'applications.get', effect: { status: 500 } })
    faults.add({ system: 'hibob', operation: 'people.search', effect: { cut: 'before' } })
    const calls = await callsDuring(() => hireAndSettle({}, 1))
    expect(calls).toMatchObject({ 'pinpoint applications.get': 2, 'hibob people.search': 2 })
    expect(calls).toMatchObject({ 'pinpoint comments.create': 1, 'hibob people.create': 1 })
    expect(await world.settled(1)).toMatchObject([{ state: 'done', attempt: 1 }])
    expectExactly(world, 1)
  })

  it('nor for a retry, nor for a replay', async () => {
    world = await openWorld()
    world.sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: ['job'] })
    await hireAndSettle({}, 1)
    world.sandbox.faults.add({
      system: 'hibob',
      operation: 'people.search',
      effect: { status: 503 },
      times: callsOfRead,
    })
    expect(await callsDuring(() => hireAndSettle({}, 2))).toMatchObject({
      'pinpoint applications.get': 2,
      'pinpoint jobs.get': 1,
    })
    const [event] = await world.store.runs.listEvents({ limit: 1 })
    const replayed = await callsDuring(async () => {
      await world.store.runs.replay(event?.id ?? '', ['hibob'])
      await world.settled(3)
    })
    expect(replayed).toMatchObject({ 'pinpoint applications.get': 1, 'pinpoint jobs.get': 1 })
    expectExactly(world, 2)
  })
})
