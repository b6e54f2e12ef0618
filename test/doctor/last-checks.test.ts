// What `connections check` has found, the doctor repeats until the connection is changed or checked again; it asks no destination.
import { afterAll, beforeAll, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

const connection = { mapping: { 'work.title': { constant: 'Astronaut' } } }

let world: World
beforeAll(async () => {
  world = await openWorld({ service: false, connection })
})
afterAll(() => world.close())

const check = async (...words: readonly string[]) =>
  (await runCommand(['connections', 'check', ...words], world.env)).code
const found = async () => {
  world.sandbox.calls.reset()
  const { json } = await runCommand(['doctor', '--json'], world.env)
  expect(world.sandbox.calls.counts()).toEqual({})
  const { findings } = json as {
    readonly findings: readonly { readonly what: string; readonly because: string }[]
  }
  return findings.find(({ what }) => what === 'Last check')
}

it('says nothing before anything was checked', async () => {
  expect(await found()).toBeUndefined()
})

it('repeats what the last check has found, without its details', async () => {
  expect(await check()).toBe(2)
  expect(await found()).toMatchObject({
    ok: true,
    warning: true,
    because: expect.stringMatching(
      /^Something is not well by the last `connections check`, and was not changed since: acme hibob \(Mapping; .* ago\)\. Next: pinpoint-webhooks connections check$/,
    ) as string,
  })
  expect((await runCommand(['audit'], world.env)).out).toBe('Nothing is noted in the audit log.\n')
})

it('forgets it when the connection is changed, and when a check finds nothing', async () => {
  await world.apply({ connection: { mapping: { 'work.title': { constant: 'Designer' } } } })
  expect(await found()).toBeUndefined()
  await world.apply({ connection })
  expect(await check('acme', 'hibob')).toBe(2)
  expect(await found()).toBeDefined()
  world.sandbox.hibob.configure('acme', { titles: ['Astronaut'] })
  expect(await check('acme')).toBe(0)
  expect(await found()).toBeUndefined()
})

it('names a missing right, and says nothing of what was only tried against a file', async () => {
  const before = (await world.store.database.pool.query('select from audit')).rowCount
  expect(await check('acme', '--against', 'nowhere.yaml')).toBe(2)
  expect((await world.store.database.pool.query('select from audit')).rowCount).toBe(before)
  world.sandbox.hibob.configure('acme', { denied: ['people.read'] })
  expect(await check()).toBe(2)
  expect((await found())?.because).toContain('acme hibob (Credentials; ')
})
