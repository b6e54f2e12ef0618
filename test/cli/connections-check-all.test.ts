// `connections check` of everything: a line for what is well, details for what is not, and the exit code for scripts.
import { afterAll, beforeAll, expect, it } from 'vitest'

import { integrations } from '../../src/integrations/registry.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { runCommand } from '../support/command-line.ts'
import { hibobTenant } from '../support/hibob-tenant.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
const applyGlobex = (settings: Readonly<Record<string, unknown>>) => {
  const globex = hibobTenant(world.sandbox, {
    slug: 'globex',
    signingSecrets: ['another-secret-of-globex'],
    settings,
  })
  const declaration = JSON.stringify({ tenants: [globex] })
  return applyDeclaration({ store: world.store.declarations, integrations, variables: {} }, declaration)
}
beforeAll(async () => {
  world = await openWorld({ service: false })
  world.sandbox.pinpoint.addTenant({ subdomain: 'globex', apiKey: 'globex-key' })
  world.sandbox.hibob.addCompany({ name: 'globex' })
  await applyGlobex({})
})
afterAll(() => world.close())

const check = (...line: readonly string[]) => runCommand(['connections', 'check', ...line], world.env)

it('tells what is well in one line each', async () => {
  const { code, out } = await check()
  expect([code, out]).toEqual([0, 'ok    acme hibob\nok    globex hibob\n\n2 of 2 connections work.\n'])
})

it('says what is not well, with exit code 2', async () => {
  await applyGlobex({ site: 'Atlantis' })
  const { code, out } = await check()
  expect(code).toBe(2)
  expect(out).toMatch(/^ok {4}acme hibob\nFAIL {2}globex hibob\n(.*\n)* {2}FAIL {2}Site: /)
  expect(out).toContain('\n1 of 2 connections works.\n')
  expect((await check('--json')).json).toMatchObject({
    ok: false,
    connections: [{ tenant: 'acme' }, { tenant: 'globex' }],
  })
  expect((await check('acme')).out).toMatch(/^hibob\n {2}ok {4}/)
})

it('ends a pause although the mapping names a field that HiBob does not have', async () => {
  const declared = hibobTenant(world.sandbox, { signingSecrets: ['another-secret-of-acme'] })
  const connections = declared.connections.map((one) => ({
    ...one,
    mapping: { 'work.custom.field_404': { constant: 'Invented' } },
  }))
  const declaration = JSON.stringify({ tenants: [{ ...declared, connections }] })
  await applyDeclaration({ store: world.store.declarations, integrations, variables: {} }, declaration)
  await world.store.database.pool.query(
    `update connections set paused_code = 'hibob.credentials_refused', paused_reason = 'No.', paused_fix = 'Grant it.', paused_at = now()
     where tenant_id = (select id from tenants where slug = 'acme')`,
  )
  const { code, json } = await check('acme', 'hibob', '--json')
  expect(code).toBe(2)
  expect(json).toMatchObject({ ok: false, connections: [{ tenant: 'acme', unpaused: true }] })
  expect(JSON.stringify(json)).toContain('work.custom.field_404')
  await applyDeclaration(
    { store: world.store.declarations, integrations, variables: {} },
    JSON.stringify({ tenants: [declared] }),
  )
})

it('names a custom field that the mapping reads and Pinpoint does not have', async () => {
  world.sandbox.pinpoint.addTenant({
    ...{ subdomain: 'initech', apiKey: 'initech-key' },
    customFields: [{ name: 'T-shirt size', resourceType: 'application' }],
  })
  world.sandbox.hibob.addCompany({ name: 'initech' })
  const declared = hibobTenant(world.sandbox, { slug: 'initech', signingSecrets: ['a-secret-of-initech'] })
  const connections = declared.connections.map((one) => ({
    ...one,
    mapping: { 'root.displayName': 'application.custom["Tshirt size"]' },
  }))
  const declaration = JSON.stringify({ tenants: [{ ...declared, connections }] })
  await applyDeclaration({ store: world.store.declarations, integrations, variables: {} }, declaration)
  const { code, out } = await check('initech', 'hibob')
  expect(code).toBe(2)
  expect(out).toContain(
    'FAIL  Pinpoint custom fields: Pinpoint has no custom field application.custom["Tshirt size"]',
  )
  expect(out).toContain('Did you mean application.custom["T-shirt size"]?')
  await world.store.database.pool.query(
    `update connections set enabled = false where tenant_id = (select id from tenants where slug = 'initech')`,
  )
})

it('leaves out what is disabled, and says so where nothing is left', async () => {
  await runCommand(['connections', 'disable', 'globex', 'hibob'], world.env)
  expect((await check()).out).toBe('ok    acme hibob\n\n1 of 1 connection works.\n')
  await runCommand(['connections', 'disable', 'acme', 'hibob'], world.env)
  expect(await check('--json')).toMatchObject({ code: 2, json: { error: { code: 'cli.no_connections' } } })
})

it('counts one of something as one', async () => {
  const { out } = await runCommand(['connections', 'enable', 'acme', 'hibob'], world.env)
  expect(out).toBe('The connection of acme to hibob is enabled; 0 parked runs resumed.\n')
})
