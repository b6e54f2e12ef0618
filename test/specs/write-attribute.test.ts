// The id of the record, written into a custom attribute of the application: the second place beside the external reference.
import { afterEach, describe, expect, it } from 'vitest'

import type { TenantSeed } from '../../sandbox/index.ts'
import { runCommand } from '../support/command-line.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const name = 'HiBob id'
const on = { connection: { writeBack: { customAttribute: name } } } as const
const field = { name, resourceType: 'application' }

async function open(acme: Partial<TenantSeed> = {}, options: WorldOptions = on): Promise<void> {
  world = await openWorld(options)
  const { pinpoint } = world.sandbox
  pinpoint.addTenant({ ...pinpoint.tenant('acme'), customFields: [field], ...acme, subdomain: 'acme' })
}
const writes = () => world.sandbox.calls.count('pinpoint', 'custom_attributes.create')
const valueOf = (application: string) =>
  world.sandbox.pinpoint.application(application)?.customAttributes[name]
async function expected() {
  const [connection] = await world.store.connections.list('acme')
  const [employee] = world.sandbox.ledger().employees
  return `pinpoint-webhooks:${connection?.id ?? ''}:${employee?.id ?? ''}`
}

describe('The record’s id in a custom attribute', () => {
  it('costs one call for each hire and one for the field, and is not written again', async () => {
    await open()
    const application = await world.hire({ email: 'ada@example.com', customAttributes: { Colour: 'Maroon' } })
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ state: 'done', result: { did: 'created', warnings: [] } })
    expect(valueOf(application)).toBe(await expected())
    expect(world.sandbox.pinpoint.application(application)?.customAttributes['Colour']).toBe('Maroon')
    await world.hire({ email: 'grace@example.com' })
    await world.settled(2)
    expect([writes(), world.sandbox.calls.count('pinpoint', 'custom_fields.list')]).toEqual([2, 1])
    await runCommand(['replay', run?.event ?? ''], world.env)
    await world.settled(3)
    expect(writes()).toBe(2)
  })

  it('is known again after an answer that was lost', async () => {
    await open()
    world.sandbox.faults.add({
      ...{ system: 'pinpoint', operation: 'custom_attributes.create', effect: { cut: 'after' } },
    })
    const application = await world.hire({ email: 'ada@example.com' })
    expect(await world.settled(1)).toMatchObject([{ state: 'done', result: { warnings: [] } }])
    expect([writes(), valueOf(application)]).toEqual([1, await expected()])
  })

  it.each(['EMP-7', 'pinpoint-webhooks:con_0000000000000000000000:7', 'pinpoint-webhooks:'])(
    'never replaces something else, and says so: %s',
    async (value) => {
      await open()
      const application = await world.hire({ email: 'ada@example.com', customAttributes: { [name]: value } })
      const [run] = await world.settled(1)
      expect(run).toMatchObject({
        state: 'done',
        result: { did: 'created', warnings: [{ code: 'pinpoint.reference_not_written' }] },
      })
      expect(JSON.stringify(run)).toContain('has another value of')
      expect(JSON.stringify(run?.result)).not.toContain(`${value}"`)
      expect([writes(), valueOf(application)]).toEqual([0, value])
    },
  )

  it.each([
    ['the key may not write it', { attributes: 'read' }, 'Custom Attributes: Write', 1],
    ['it is not kept', { attributes: 'unkept' }, 'did not keep', 1],
    ['there is no such field', { customFields: [] }, 'has no custom field of applications called', 0],
    ['the field is of jobs', { customFields: [{ ...field, resourceType: 'job' }] }, 'has no custom field', 0],
    ['two are called so', { customFields: [field, field] }, 'several custom fields', 0],
    ['it takes a number', { customFields: [{ ...field, type: 'integer' }] }, 'does not take any text', 0],
  ] as const)('%s: a warning, which stops nothing', async (...[_, acme, because, calls]) => {
    await open(acme as Partial<TenantSeed>)
    const application = await world.hire({ email: 'ada@example.com' })
    const [run] = await world.settled(1)
    expect(run).toMatchObject({
      state: 'done',
      result: { warnings: [{ code: 'pinpoint.reference_not_written' }] },
    })
    expect(JSON.stringify(run?.result)).toContain(because)
    expect([writes(), valueOf(application)]).toEqual([calls, undefined])
    expect(world.sandbox.pinpoint.comments()).toHaveLength(1)
  })

  it('finds the record again when the database has lost it and HiBob has changed the e-mail', async () => {
    await open()
    const application = await world.hire({ email: 'ada@example.com' })
    const [run] = await world.settled(1)
    const [employee] = world.sandbox.ledger().employees
    world.sandbox.hibob.changeEmployee(employee?.id ?? '', { email: 'ada@acme.example' })
    await world.store.database.pool.query('delete from effects')
    await runCommand(['replay', run?.event ?? ''], world.env)
    const runs = await world.settled(2)
    expect(runs.every(({ state }) => state === 'done')).toBe(true)
    expect(world.sandbox.ledger().employees).toHaveLength(1)
    expect(valueOf(application)).toContain(employee?.id ?? '')
  })

  it('one that was copied from somebody else’s application gives nobody their record', async () => {
    await open()
    await world.hire({ email: 'ada@example.com', firstName: 'Ada' })
    await world.settled(1)
    const copied = { [name]: await expected() }
    await world.hire({ email: 'omar@example.com', firstName: 'Omar', customAttributes: copied })
    const runs = await world.settled(2)
    expect(runs.map(({ state, code }) => [state, code])).toContainEqual(['parked', 'hibob.other_employee'])
    expect(world.sandbox.ledger().employees).toHaveLength(1)
  })

  it('check says of it what can be said without writing', async () => {
    await open({}, { ...on, service: false })
    const lines = async () => (await runCommand(['connections', 'check', 'acme', 'hibob'], world.env)).out
    expect(await lines()).toMatch(/custom attribute.*Custom Attributes: Write/)
    world.sandbox.faults.add({ system: 'pinpoint', operation: 'custom_fields.list', effect: { status: 403 } })
    expect(await lines()).toMatch(/custom attribute.*Custom Fields: Read/)
    expect(writes()).toBe(0)
  })
})
