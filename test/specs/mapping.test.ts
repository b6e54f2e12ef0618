/** A connection's mapping, from the file to the employee. */
import { afterEach, describe, expect, it } from 'vitest'

import { integrations } from '../../src/integrations/registry.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { runCommand } from '../support/command-line.ts'
import { declaration, openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

async function applyMapping(mapping: object | undefined, settings: object = {}) {
  const file = declaration(world.sandbox, { hibob: { site: undefined, ...settings } })
  const [tenant] = file.tenants
  const connections = tenant?.connections.map((one) =>
    one.integration === 'hibob' ? { ...one, mapping } : one,
  )
  await applyDeclaration(
    { store: world.store.declarations, integrations, variables: {}, actor: 'ada' },
    JSON.stringify({ tenants: [{ ...tenant, connections }] }),
  )
}

const sent = () =>
  world.sandbox.calls.list({ system: 'hibob' }).filter(({ operation }) => operation === 'people.create')
    .length

describe('A connection’s mapping', () => {
  it('decides what HiBob is sent, parks with what is missing, and resumes when it is changed', async () => {
    world = await openWorld({ hibob: { site: undefined } })
    const phone = { 'home.mobilePhone': 'candidate.phone' }
    await applyMapping({ ...phone, 'work.startDate': 'application.custom["First day"]' })
    await world.hire({
      email: 'ada@example.com',
      job: {
        location: 'New York (Demo)',
        hiringManager: { firstName: 'G', lastName: 'E', email: 'g@example.com' },
      },
      phone: '+15555550100',
    })
    const [parked] = await world.settled(1)
    expect(parked).toMatchObject({ state: 'parked', code: 'hibob.mapping_gaps', mappingVersion: 1 })
    const shown = async () => (await runCommand(['runs', 'show', parked?.id ?? ''], world.env)).out
    expect(await shown()).toMatch(/^Mapping +version 1: mapping show acme hibob --version 1$/m)
    expect(sent()).toBe(0)

    // What only comes along when it is asked for costs no call.
    await applyMapping({ ...phone, 'home.privatePhone': 'job.hiringManager.email' })
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ state: 'done', result: { did: 'created', mappingVersion: 2 } })
    const [employee] = world.sandbox.ledger().employees
    expect(employee).toMatchObject({ email: 'ada@example.com' })
    expect(world.sandbox.calls.count('pinpoint', 'jobs.get')).toBe(0)

    expect(await shown()).toMatch(/Employee in HiBob: created \(\d+\), mapping version 2$/m)

    const command = (line: string) => runCommand(`mapping ${line} --json`.split(' '), world.env)
    expect((await command('show acme hibob')).json).toMatchObject({
      version: 2,
      mapping: phone,
      byItself: { 'work.site': 'job.location', 'work.title': ['offer.jobTitle', 'job.title'] },
    })
    const first = await command('show acme hibob --version 1')
    expect(first.json).toMatchObject({
      version: 1,
      mapping: { 'work.startDate': 'application.custom["First day"]' },
    })
    expect(first.json).not.toHaveProperty('byItself')
    expect(await command('show acme hibob --version 9')).toMatchObject({
      code: 1,
      json: { error: { code: 'cli.unknown_mapping_version' } },
    })
    expect((await command('history acme hibob')).json).toMatchObject([
      { version: 2, actor: 'ada', changed: ['work.startDate', 'home.privatePhone'] },
      { version: 1, actor: 'ada' },
    ])
    expect((await command('diff acme hibob 1')).json).toEqual([
      { target: 'work.startDate', before: 'application.custom["First day"]', after: null },
      { target: 'home.privatePhone', before: null, after: 'job.hiringManager.email' },
    ])
    expect((await command('diff acme hibob 7')).json).toMatchObject({
      error: { code: 'cli.unknown_mapping_version' },
    })
  })
})
