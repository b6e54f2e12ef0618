/** The manager of a hire, from the job in Pinpoint to the employee in HiBob. */
import { afterEach, expect, it, vi } from 'vitest'

import { integrations } from '../../src/integrations/registry.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { declaration, openWorld, type World } from '../support/world.ts'

vi.setConfig({ testTimeout: 120_000 })

let world: World
afterEach(() => world.close())

const rule = { from: 'job.hiringManager.email', find: 'employee' }

async function applyRule(manager: object) {
  const [tenant] = declaration(world.sandbox, {}).tenants
  const connections = tenant?.connections.map((one) =>
    one.integration === 'hibob' ? { ...one, mapping: { 'work.reportsTo': manager } } : one,
  )
  await applyDeclaration(
    { store: world.store.declarations, integrations, variables: {}, actor: 'ada' },
    JSON.stringify({ tenants: [{ ...tenant, connections }] }),
  )
}

it('A manager is found by one search for many hires; what is missing is told by target and right, and parks where it must', async () => {
  world = await openWorld()
  const { hibob, calls } = world.sandbox
  await applyRule(rule)
  const grace = hibob.addEmployee({ email: 'grace@corp.example', firstName: 'Grace' })
  let runs = 0
  const hired = async (email: string, manager = 'Grace@Corp.example') => {
    const hiringManager = { firstName: 'Grace', lastName: 'Example', email: manager }
    await world.hire({ email, job: { hiringManager } })
    const [run] = await world.settled(++runs)
    return run!
  }
  const warningsOf = (run: { readonly result: unknown }) => JSON.stringify(run.result)

  expect(await hired('ada@example.com')).toMatchObject({ state: 'done', result: { warnings: [] } })
  expect(await hired('bob@example.com')).toMatchObject({ state: 'done', result: { warnings: [] } })
  expect(hibob.employees().slice(1)).toMatchObject(
    Array.from({ length: 2 }, () => ({ extra: { work: { reportsTo: { id: grace.id } } } })),
  )
  expect(calls.count('hibob', 'people.search')).toBe(3)

  hibob.configure('acme', { uneditableFields: ['work.reportsTo'] })
  expect(warningsOf(await hired('cleo@example.com'))).toMatch(
    /hibob\.fields_dropped.*manager \(work\.reportsTo\).*may not edit Work/,
  )
  const unknown = warningsOf(await hired('dora@example.com', 'nobody@corp.example'))
  expect(unknown).toMatch(/hibob\.manager_left_out.*work\.reportsTo/)
  expect(unknown).not.toContain('@')

  await applyRule({ ...rule, otherwise: 'park' })
  const parked = await hired('emil@example.com', 'nobody@corp.example')
  expect(parked).toMatchObject({ state: 'parked', code: 'hibob.mapping_gaps' })
  expect(`${parked.reason} ${parked.fix}`).not.toContain('@')
  expect(hibob.employees()).toHaveLength(5)
})
