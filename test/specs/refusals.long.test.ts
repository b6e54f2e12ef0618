// A refusal is judged by what it says: a firewall's page concerns the hire that met it, a right on documents its CV.
import { afterEach, expect, it } from 'vitest'

import { startService } from '../../src/app/service.ts'
import { rememberingLog } from '../limits/two-tenants.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const runOf = async (application: string) =>
  (await world.store.runs.listRuns({ limit: 50 })).find(({ subject }) => subject === application)

const cameTo = (application: string, code: string) =>
  until(`${application} to come to ${code}`, async () => {
    const run = await runOf(application)
    return run?.code === code && run
  })

/** Its waits are of minutes: their time has come. */
const sooner = () =>
  world.store.database.pool.query(`update pgboss.job set start_after = now() where state = 'created'`)

it('a page for one surname waits, parks at the third and is told; two others go through (W6)', async () => {
  const log = rememberingLog()
  world = await openWorld({ log })
  world.sandbox.faults.add({
    ...{ system: 'hibob', operation: 'people.create', holding: 'Select-Union' },
    effect: { page: { status: 403 } },
  })
  const odd = await world.hire({ lastName: 'Select-Union', email: 'odd@example.com' })
  const first = await cameTo(odd, 'hibob.answer_unrecognised')
  expect(first).toMatchObject({ state: 'waiting' })
  expect(first.reason).toMatch(/403, text\/html.*\(request id [0-9a-f]{16}-LHR\)/)
  expect(first.reason).not.toContain('Select')

  const others = [await world.hire({ email: 'a@example.com' }), await world.hire({ email: 'b@example.com' })]
  await until('the others to be done', async () => {
    const runs = await Promise.all(others.map(runOf))
    return runs.every((run) => run?.state === 'done')
  })
  // What was counted is in the database: another process goes on counting.
  await world.service?.close()
  const service = await startService(world.config, log)
  for (const attempt of [2, 3]) {
    await until(`attempt ${attempt} to end`, async () => {
      await sooner()
      const run = await runOf(odd)
      return run !== undefined && run.attempt >= attempt && run.state !== 'running'
    })
  }
  const parked = await cameTo(odd, 'hibob.edge_refused')
  expect(parked).toMatchObject({ state: 'parked', attempt: 3 })
  expect(parked.fix).toMatch(/firewall.*proxy.*allow-list/s)
  expect(log.alerts('connection_paused')).toEqual([])
  await service.close()

  const { counts } = world.sandbox.ledger()
  expect(counts).toMatchObject({ employees: 2 })
})

it('a page for everybody opens the circuit, parks nobody, and all go through when it is gone (W6)', async () => {
  world = await openWorld()
  world.sandbox.faults.add({ system: 'hibob', every: 1, effect: { page: {} } })
  const all = await Promise.all(
    Array.from({ length: 5 }, (_, index) => world.hire({ email: `person-${index}@example.com` })),
  )
  await until('the circuit to open', async () => {
    const { rows } = await world.store.database.pool.query('select from circuits')
    return rows.length === 1
  })
  world.sandbox.faults.clear()
  await until('all to be done', async () => {
    await sooner()
    const runs = await Promise.all(all.map(runOf))
    return runs.every((run) => run?.state === 'done')
  })
  expect(world.sandbox.ledger().counts).toMatchObject({ employees: 5 })
})

it.each(['key', 401, 403] as const)(
  'a right on documents that is missing (%s) costs the CV of each hire, and nothing else (F8; cases 51, 52)',
  async (deniedWith) => {
    const log = rememberingLog()
    world = await openWorld({ log })
    world.sandbox.hibob.configure('acme', { denied: ['docs.read', 'docs.upload'], deniedWith })
    await world.hire({ email: 'a@example.com' })
    await world.hire({ email: 'b@example.com' })
    const runs = await world.settled(2)
    expect(runs.map(({ state }) => state)).toEqual(['done', 'done'])
    expect(world.sandbox.ledger().counts).toMatchObject({ employees: 2, documents: 0, comments: 2 })
    expect(log.alerts('connection_paused')).toEqual([])
  },
)

it('a page where the list of titles should be stops nobody, and is not remembered (F18)', async () => {
  world = await openWorld()
  world.sandbox.faults.add({ system: 'hibob', operation: 'lists.get', every: 1, effect: { html: true } })
  const first = await world.hire({ email: 'a@example.com' })
  await world.settled(1)
  expect(await runOf(first)).toMatchObject({ state: 'done' })
  world.sandbox.faults.clear()
  await world.hire({ email: 'b@example.com' })
  await world.settled(2)
  expect(world.sandbox.hibob.employees().map(({ title }) => title)).toEqual([null, 'Software Engineer'])
})

it.each(['key', 401] as const)(
  'a right on lists that is missing (%s) leaves title and department out, and pauses nothing (F8)',
  async (deniedWith) => {
    world = await openWorld()
    world.sandbox.hibob.configure('acme', { denied: ['lists.read'], deniedWith })
    await world.hire({ email: 'a@example.com' })
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ state: 'done', result: { did: 'created' } })
  },
)

it('a refused employee names the field, and the fix is about it (F8b)', async () => {
  world = await openWorld()
  world.sandbox.hibob.configure('acme', { refusals: 'errors' })
  const id = await world.hire({ firstName: 'Ada 2', email: 'a@example.com' })
  const run = await cameTo(id, 'hibob.create_refused')
  expect(run.reason).toMatch(/firstName: invalid.*\(request id /)
  expect(run.fix).toContain('U+0032 (a digit)')
  expect(`${run.reason} ${run.fix}`).not.toContain('Ada')
})
