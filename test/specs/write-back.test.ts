// The id of the record, written into Pinpoint where a connection says so: once, and never over something else.
import { afterEach, describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const writes = () => world.sandbox.calls.count('pinpoint', 'applications.update')
const on = { connection: { writeBack: 'externalReference' } } as const
const open = async (options: WorldOptions = on) => void (world = await openWorld(options))
const referenceOf = (application: string) =>
  world.sandbox.pinpoint.application(application)?.externalSystemReference
async function expected() {
  const [connection] = await world.store.connections.list('acme')
  const [employee] = world.sandbox.ledger().employees
  return `pinpoint-webhooks:${connection?.id ?? ''}:${employee?.id ?? ''}`
}

describe('The record’s id in Pinpoint', () => {
  it('is not written unless the connection says so', async () => {
    await open({})
    const application = await world.hire({ email: 'ada@example.com' })
    await world.settled(1)
    expect([writes(), referenceOf(application)]).toEqual([0, null])
    expect(world.sandbox.calls.list({ system: 'pinpoint' })).toHaveLength(2)
  })

  it('costs one call, and is not written again', async () => {
    await open()
    const application = await world.hire({ email: 'ada@example.com' })
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ state: 'done', result: { did: 'created', warnings: [] } })
    expect(referenceOf(application)).toBe(await expected())
    expect(world.sandbox.calls.list({ system: 'pinpoint' })).toHaveLength(3)
    await runCommand(['replay', run?.event ?? ''], world.env)
    await world.settled(2)
    expect(writes()).toBe(1)
  })

  it('is known again after an answer that was lost', async () => {
    await open()
    world.sandbox.faults.add({
      system: 'pinpoint',
      operation: 'applications.update',
      effect: { cut: 'after' },
    })
    const application = await world.hire({ email: 'ada@example.com' })
    expect(await world.settled(1)).toMatchObject([{ state: 'done', result: { warnings: [] } }])
    expect([writes(), referenceOf(application)]).toEqual([1, await expected()])
  })

  it.each(['EMP-7', 'pinpoint-webhooks:con_0000000000000000000000:7', 'pinpoint-webhooks:'])(
    'never replaces something else, and says so: %s',
    async (externalSystemReference) => {
      await open()
      const application = await world.hire({ email: 'ada@example.com', externalSystemReference })
      const [run] = await world.settled(1)
      expect(run).toMatchObject({
        state: 'done',
        result: { did: 'created', warnings: [{ code: 'pinpoint.reference_not_written' }] },
      })
      expect(JSON.stringify(run)).toContain('has another external reference')
      expect(JSON.stringify(run?.result)).not.toContain(`${externalSystemReference}"`)
      expect([writes(), referenceOf(application)]).toEqual([0, externalSystemReference])
    },
  )

  it.each([
    ['read', 'Application: Write', 1],
    ['none', 'does not show', 0],
    ['unkept', 'did not keep', 1],
  ] as const)(
    'what the key may not write is a warning, and stops nothing: %s',
    async (references, because, calls) => {
      await open()
      world.sandbox.pinpoint.addTenant({
        ...world.sandbox.pinpoint.tenant('acme'),
        subdomain: 'acme',
        references,
      })
      const application = await world.hire({ email: 'ada@example.com' })
      await world.hire({ email: 'grace@example.com' })
      const runs = await world.settled(2)
      expect(runs).toMatchObject([
        { state: 'done', result: { warnings: [{ code: 'pinpoint.reference_not_written' }] } },
        { state: 'done', result: { warnings: [{ code: 'pinpoint.reference_not_written' }] } },
      ])
      expect(JSON.stringify(runs[0]?.result)).toContain(because)
      expect([writes(), referenceOf(application)]).toEqual([2 * calls, null])
      expect(world.sandbox.pinpoint.comments()).toHaveLength(2)
    },
  )

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
    expect(referenceOf(application)).toContain(employee?.id ?? '')
  })

  it('a reference that was copied from somebody else’s application gives nobody their record', async () => {
    await open()
    const ada = await world.hire({ email: 'ada@example.com', firstName: 'Ada' })
    await world.settled(1)
    const externalSystemReference = referenceOf(ada) ?? ''
    await world.hire({ email: 'omar@example.com', firstName: 'Omar', externalSystemReference })
    const runs = await world.settled(2)
    expect(runs.map(({ state, code }) => [state, code])).toContainEqual(['parked', 'hibob.other_employee'])
    expect(world.sandbox.ledger().employees).toHaveLength(1)
  })

  it('preview and check say of it what can be said without writing', async () => {
    await open({ ...on, service: false })
    const lines = async () => (await runCommand(['connections', 'check', 'acme', 'hibob'], world.env)).out
    world.sandbox.pinpoint.addApplication({ email: 'ada@example.com' })
    expect(await lines()).toMatch(/external reference.*Application: Write/)
    const acme = world.sandbox.pinpoint.tenant('acme')
    world.sandbox.pinpoint.addTenant({ ...acme, subdomain: 'acme', references: 'none' })
    expect(await lines()).toMatch(/external reference.*does not show it/)
    expect(writes()).toBe(0)
  })
})
