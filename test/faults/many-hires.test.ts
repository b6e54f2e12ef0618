import { afterEach, describe, expect, it } from 'vitest'

import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const hires = 200
const people = Array.from({ length: hires }, (_, index) => ({
  email: `person-${index}@example.com`,
  lastName: `Example${letters(index)}`,
}))

describe(`${hires} hires at once`, () => {
  it('while every tenth answer of HiBob is a 500 and every twentieth is cut after the effect', async () => {
    world = await openWorld({ hibob: { readLagSeconds: 0 } })
    world.sandbox.faults.add({ system: 'hibob', every: 20, effect: { cut: 'after' } })
    world.sandbox.faults.add({ system: 'hibob', every: 10, effect: { status: 500 } })
    await Promise.all(people.map((person) => world.hire(person)))
    const runs = await world.settled(hires, 300)
    expect(runs.filter(({ state }) => state !== 'done')).toEqual([])
    expectExactly(world, hires)
    expect(world.sandbox.faults.list().every(({ fired }) => fired > 20)).toBe(true)
  }, 330_000)
})

/** HiBob refuses names with digits. */
function letters(index: number): string {
  return String(index).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))
}
