// What `apply` says to do next is about the tenants that it has changed.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { hibobTenant } from '../support/hibob-tenant.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ service: false })
  world.sandbox.pinpoint.addTenant({ subdomain: 'globex', apiKey: 'globex-key' })
  world.sandbox.hibob.addCompany({ name: 'globex' })
})
afterAll(() => world.close())

const secret = { acme: 'signing-secret-of-acme', globex: 'signing-secret-of-globex' }
async function next(
  secrets: Readonly<Record<string, string>>,
  globex: Readonly<Record<string, unknown>> = {},
) {
  const tenants = Object.entries(secrets).map(([slug, signing]) =>
    hibobTenant(world.sandbox, {
      slug,
      signingSecrets: [signing],
      settings: slug === 'globex' ? globex : {},
    }),
  )
  const file = join(world.config.dataDir, 'tenants.json')
  await writeFile(file, JSON.stringify({ tenants }))
  const { code, out, err } = await runCommand(['apply', file], world.env)
  expect(code, err).toBe(0)
  return out.trimEnd().split('\n').at(-1)
}

it('names the tenant that has changed, or none where several have', async () => {
  expect(await next(secret)).toBe('Next: pinpoint-webhooks quarantine verify --tenant acme')
  expect(await next(secret, { site: 'London' })).toBe('Next: pinpoint-webhooks connections check globex')
  expect(await next(secret, { site: 'London' })).toBe('Next: pinpoint-webhooks connections check')
  expect(await next({ acme: secret.acme })).toBe('Next: pinpoint-webhooks connections check acme')
  const corrected = { acme: 'signing-secret-2-of-acme', globex: 'signing-secret-2-of-globex' }
  expect(await next(corrected)).toBe('Next: pinpoint-webhooks quarantine verify')
})
