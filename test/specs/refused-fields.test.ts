/** Fields that HiBob refuses or drops, through the engine: nobody waits for a person because of what HiBob can do without. */
import { afterEach, expect, it } from 'vitest'

import { doneAtLast } from '../support/done-at-last.ts'
import { usualCompany } from '../support/every-target.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const refused = ['home.mobilePhone', 'home.privatePhone', 'about.about', 'work.workPhone', 'address.city']
const mapping = {
  ...Object.fromEntries([...refused, 'address.line1'].map((id) => [id, { constant: `Zz ${id}` }])),
  'work.custom.field_1652': { constant: 'Large' },
}

it.each([400, 422] as const)(
  'Five fields that HiBob refuses one at a time (%i) cost two attempts of three calls at most, and are named',
  async (refusedWith) => {
    world = await openWorld({ connection: { mapping } })
    const { hibob, calls } = world.sandbox
    hibob.configure('acme', { ...usualCompany, refusedFields: refused, refusedWith })
    await world.hire({ firstName: 'Ada', email: 'ada@example.com' })
    const run = await doneAtLast(world)
    expect(run).toMatchObject({ state: 'done', result: { did: 'created' } })
    const { warnings } = run.result as { warnings: readonly { readonly message: string }[] }
    expect(warnings.map(({ message }) => message).toSorted()).toEqual(
      refused.toSorted().map((id) => `The field ${id} was left out: HiBob refused it.`),
    )
    expect(hibob.employees()).toMatchObject([
      { extra: { address: { line1: 'Zz address.line1' }, work: { custom: { field_1652: 'Large' } } } },
    ])
    expect(calls.count('hibob', 'people.create')).toBe(6)
    expect(JSON.stringify(run)).not.toContain('Zz')
    expectExactly(world, 1)
  },
)

it('A field that HiBob drops is named though its answer to the create was lost', async () => {
  world = await openWorld({ connection: { mapping }, hibob: { readLagSeconds: 0 } })
  const { hibob, faults, calls } = world.sandbox
  hibob.configure('acme', { ...usualCompany, uneditableFields: ['home.mobilePhone', 'work.title'] })
  faults.add({ system: 'hibob', operation: 'people.create', effect: { cut: 'after' } })
  await world.hire({ firstName: 'Ada', email: 'ada@example.com' })
  const run = await doneAtLast(world)
  expect(run).toMatchObject({
    state: 'done',
    result: { did: 'created', warnings: [{ code: 'hibob.fields_dropped' }] },
  })
  expect(JSON.stringify(run.result)).toMatch(
    /work\.title.*home\.mobilePhone.*Work and Personal contact details/,
  )
  expect(calls.count('hibob', 'people.create')).toBe(1)
  expectExactly(world, 1)
})

it('An answer that shows somebody else gives nobody the CV of the hire, and the hire gets their own record', async () => {
  world = await openWorld({ hibob: { readLagSeconds: 0 } })
  const { hibob, faults } = world.sandbox
  const other = hibob.addEmployee({ email: 'eve@corp.example', firstName: 'Eve', surname: 'Else' })
  const { id, email, firstName, surname } = other
  const body = { id, email, firstName, surname }
  faults.add({ system: 'hibob', operation: 'people.create', effect: { status: 200, body, at: 'after' } })
  await world.hire({ firstName: 'Ada', email: 'ada@example.com' })
  expect(await doneAtLast(world)).toMatchObject({ state: 'done', result: { did: 'created' } })
  expect(hibob.documents().map(({ employeeId }) => employeeId)).not.toContain(id)
  expectExactly(world, 1)
})
