// M6: a sweep that finds very many missing hires asks before it takes them up.
import { afterEach, expect, it } from 'vitest'

import { type Ran, runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString()
const sweep = (...more: readonly string[]): Promise<Ran> =>
  runCommand(['sweep', '--tenant', 'acme', '--json', ...more], world.env)
const events = async () => (await world.store.runs.listEvents({ limit: 10_000 })).length

async function open(missing: number): Promise<void> {
  world = await openWorld({ service: false })
  await world.store.database.pool.query(
    `update connections set enabled_since = now() - interval '10 days' where enabled`,
  )
  for (let index = 0; index < missing; index++) {
    world.sandbox.pinpoint.addApplication({ hiredAt: ago(5 * 3_600_000), email: `p${index}@example.com` })
  }
}

it('takes up two hundred, and of more it takes up nothing and asks; --yes goes on and is asked no more', async () => {
  await open(201)
  const asking = await sweep()
  expect(asking).toMatchObject({
    code: 2,
    json: { state: 'failed', code: 'sweep.too_many_missing', missing: 0 },
  })
  expect(asking.json).toHaveProperty('fix', expect.stringContaining('sweep acme --yes'))
  expect(await events()).toBe(0)
  // A schedule asks likewise, however often.
  expect(await sweep()).toMatchObject({ code: 2 })
  expect(await events()).toBe(0)
  const { json: asked } = asking as { json: { id: string } }

  const gone = await sweep('--yes')
  expect(gone).toMatchObject({ code: 0, json: { state: 'done', missing: 201, runs: 201 } })
  expect((gone.json as { id: string }).id).not.toBe(asked.id)
  expect(await events()).toBe(201)
  expect(await sweep()).toMatchObject({ code: 0, json: { missing: 0 } })
}, 120_000)

it('goes on where it asked, with what was asked for; after a restore one such command goes through', async () => {
  await open(201)
  expect(await sweep('--since', '30d')).toMatchObject({ code: 2 })
  const { rows } = await world.store.database.pool.query<{ any_age: boolean; updated_after: Date }>(
    `select any_age, updated_after from sweeps`,
  )
  expect(rows).toMatchObject([{ any_age: true }])
  const asked = await world.store.sweeps.latest('acme')
  expect(await sweep('--yes')).toMatchObject({ code: 0, json: { id: asked?.id, missing: 201 } })
  await world.store.database.pool.query('delete from events')
  expect(await sweep('--since', '30d', '--yes')).toMatchObject({ code: 0, json: { missing: 201 } })
}, 120_000)
