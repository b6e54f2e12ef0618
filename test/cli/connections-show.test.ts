// `connections show`: settings as the file of the tenant has them.
import { afterEach, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

it.each([
  [{ customAttribute: 'HiBob: id' }, { customAttribute: 'HiBob: id' }],
  ['externalReference', 'externalReference'],
  ['off', null],
])('what is written back: %j', async (writeBack, shown) => {
  world = await openWorld({ service: false, connection: { writeBack } })
  const { json } = await runCommand(['connections', 'show', 'acme', 'hibob', '--json'], world.env)
  expect(json).toMatchObject({ writeBack: shown })
})
