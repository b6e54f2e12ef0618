// A field that HiBob no longer has stops no hire, so the doctor says it: it asks no destination, but knows what the hires have found.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { declaration, openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const found = async (what: string) => {
  const { json } = await runCommand(['doctor', '--json'], world.env)
  const { findings } = json as {
    readonly findings: readonly { readonly what: string; readonly because: string }[]
  }
  return findings.find((one) => one.what === what)
}

it('Fields that hires had to leave out are a finding, until the mapping changes; without a call', async () => {
  const mapping = { 'work.custom.field_1': { constant: 'Pinpoint' } }
  world = await openWorld({ connection: { mapping } })
  expect(await found('Mapped fields')).toBeUndefined()
  await world.hire({ email: 'ada@example.com' })
  await world.hire({ email: 'grace@example.com' })
  const runs = await world.settled(2)
  expect(runs.map(({ state }) => state)).toEqual(['done', 'done'])
  world.sandbox.calls.reset()
  expect(await found('Mapped fields')).toMatchObject({
    ok: true,
    warning: true,
    because:
      'In the last 7 days, mapped fields were left out that the destination does not have, or whose value it does not take: ' +
      'acme hibob (2 runs). Next: pinpoint-webhooks connections check',
  })
  expect(world.sandbox.calls.counts()).toEqual({})

  const path = join(world.config.dataDir, 'acme.json')
  const connection = { mapping: { 'home.mobilePhone': 'candidate.phone' } }
  await writeFile(path, JSON.stringify(declaration(world.sandbox, { connection })))
  expect((await runCommand(['apply', path], world.env)).code).toBe(0)
  expect(await found('Mapped fields')).toBeUndefined()
})
