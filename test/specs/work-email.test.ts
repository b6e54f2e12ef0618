/** A login that the mapping makes, through the door: made once, found again, and never taken for evidence of who somebody is. */
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { ApplicationSeed } from '../../sandbox/index.ts'
import { integrations } from '../../src/integrations/registry.ts'
import { replayEvent, resumeRun, type RunView } from '../../src/operator/operate.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { expectExactly } from '../support/oracle.ts'
import { declaration, openWorld, type World } from '../support/world.ts'

vi.setConfig({ testTimeout: 120_000 })

let world: World
afterEach(() => world.close())

const mapping = {
  'root.email': {
    from: 'application.custom["Work e-mail"]',
    otherwise: { template: '{candidate.firstName|slug}.{candidate.lastName|slug}@acme.example' },
  },
}
const login = 'jane.doe@acme.example'

async function open() {
  world = await openWorld({ hibob: { readLagSeconds: 0 } })
  const file = declaration(world.sandbox, { hibob: { readLagSeconds: 0 } })
  const [tenant] = file.tenants
  const connections = tenant?.connections.map((one) =>
    one.integration === 'hibob' ? { ...one, mapping } : one,
  )
  await applyDeclaration(
    { store: world.store.declarations, integrations, variables: {}, actor: 'ada' },
    JSON.stringify({ tenants: [{ ...tenant, connections }] }),
  )
  return world.sandbox
}
async function newest(count: number): Promise<RunView> {
  const [run] = await world.settled(count)
  return run!
}
async function hired(seed: ApplicationSeed = {}, count = 1): Promise<RunView> {
  await world.hire({ firstName: 'Jane', lastName: 'Doe', email: 'jane@example.com', ...seed })
  return newest(count)
}
const namesake = { email: 'other.jane@example.com', person: 'other jane' }
const searches = () => world.sandbox.calls.count('hibob', 'people.search')

describe('A login that the mapping makes', () => {
  it('is given to the new employee, with the address of the application beside it, for the same calls', async () => {
    const { hibob, calls } = await open()
    expect(await hired()).toMatchObject({ state: 'done', result: { did: 'created', warnings: [] } })
    expect(hibob.employees()).toMatchObject([
      { email: login, extra: { home: { privateEmail: 'jane@example.com' } } },
    ])
    expect(searches()).toBe(1)
    expect(calls.count('hibob', 'people.create')).toBe(1)
    expectExactly(world, 1)
  })

  it('is no evidence: the namesake parks until they have another, which an attribute gives them', async () => {
    const { hibob, pinpoint } = await open()
    await hired()
    const [first] = hibob.employees()
    const run = await hired(namesake, 2)
    expect(run).toMatchObject({ state: 'parked', code: 'hibob.login_taken', result: null })
    expect(run.fix).toContain(`runs resume ${run.id} --record ${first!.id}`)
    expect(`${run.reason} ${run.fix}`).not.toMatch(/@|jane|doe/i)
    expectExactly(world, 1)

    // A new one cannot be made with it either, whatever a person says.
    await resumeRun(world.store.runs, run.id, { decision: { is: 'make_again' } })
    expect(await newest(2)).toMatchObject({ state: 'parked', code: 'hibob.login_taken' })
    pinpoint.changeApplication(run.subject, { customAttributes: { 'Work e-mail': 'jane.doe2@acme.example' } })
    await resumeRun(world.store.runs, run.id)
    expect(await newest(2)).toMatchObject({ state: 'done', result: { did: 'created' } })
    expect(hibob.employees().map(({ email }) => email)).toEqual([login, 'jane.doe2@acme.example'])
    expectExactly(world, 2)
  })

  it('of somebody whom others have made parks, until a person says that it is the hire', async () => {
    const { hibob } = await open()
    const { id } = hibob.addEmployee({ email: login, firstName: 'Jane', surname: 'Doe', person: 'jane' })
    const run = await hired({ person: 'jane' })
    expect(run).toMatchObject({ state: 'parked', code: 'hibob.login_taken' })
    await resumeRun(world.store.runs, run.id, { decision: { is: 'record', record: id } })
    expect(await newest(1)).toMatchObject({ state: 'done', result: { did: 'found', recordId: id } })
    expectExactly(world, 0, { documents: 1, comments: 1 })
  })

  it('is found again after a lost answer, by the personal e-mail', async () => {
    const { faults } = await open()
    const lost = { system: 'hibob', operation: 'people.create', effect: { cut: 'after' } } as const
    faults.add(lost)
    expect(await hired()).toMatchObject({ state: 'done', result: { did: 'created', how: 'adopted' } })
    expectExactly(world, 1)
  })

  it('lets a second application and a replay find the record that the ledger has', async () => {
    const { hibob } = await open()
    const first = await hired()
    const [made] = hibob.employees()
    hibob.setEmail(made!.id, 'jane.married@acme.example')
    const result = { did: 'found', recordId: made!.id }
    expect(await hired({ job: { title: 'Designer' } }, 2)).toMatchObject({ state: 'done', result })
    await replayEvent(world.store.runs, first.event, { event: () => ['hibob'] })
    expect(await newest(3)).toMatchObject({ state: 'done', result })
    expectExactly(world, 1, { comments: 2 })
  })

  it('does not hide the record of a hire whose address was corrected since', async () => {
    const { hibob, pinpoint } = await open()
    const first = await hired()
    // The personal e-mail in HiBob is the old one, so only our ledger knows.
    pinpoint.changeApplication(first.subject, { email: 'jane.corrected@example.com' })
    await replayEvent(world.store.runs, first.event, { event: () => ['hibob'] })
    expect(await newest(2)).toMatchObject({ state: 'done', result: { recordId: hibob.employees()[0]!.id } })
    expectExactly(world, 1)
  })
})
