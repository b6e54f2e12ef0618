// `connections fields`: what a mapping can fill in the destination, asked of it now.
import { afterEach, describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const fields = (...words: readonly string[]) => runCommand(['connections', 'fields', ...words], world.env)

describe('connections fields', () => {
  it('lists what can be written, by group, in 80 columns; with all of it and the choices as JSON', async () => {
    world = await openWorld({ service: false })
    world.sandbox.hibob.configure('acme', {
      departments: [{ name: 'Engineering', children: ['Platform', 'Data'] }],
    })
    const { code, out } = await fields('acme', 'hibob')
    expect(code).toBe(0)
    expect(out).toMatch(/^Work$/m)
    expect(out).toMatch(/work\.department +Department +1 of 2$/m)
    expect(out).toMatch(/root\.firstName +First name +text, required$/m)
    expect(out).not.toContain('root.fullName')
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)

    const json = await fields('acme', 'hibob', '--group', 'work', '--json')
    const listed = JSON.parse(json.out) as { fields: { id: string; group: string; choices?: unknown }[] }
    expect(new Set(listed.fields.map(({ group }) => group))).toEqual(new Set(['Work']))
    expect(listed.fields.find(({ id }) => id === 'work.department')).toMatchObject({
      writable: true,
      choices: [{ name: 'Engineering', children: [{ name: 'Platform' }, { name: 'Data' }] }],
    })
  })

  it.each([
    [['acme', 'nothing'], 64, 'There is no integration "nothing".'],
    [['nobody', 'hibob'], 1, 'There is no tenant "nobody".'],
    [['acme', 'hibob', '--group', 'Wok'], 1, 'There is no group Wok. There are: Basic info, '],
    [['acme', 'webhook'], 1, 'The integration webhook has no fields to map'],
  ])('refuses %j', async (words, exit, said) => {
    world = await openWorld({ service: false, webhook: true })
    const { code, err } = await fields(...words)
    expect(code).toBe(exit)
    expect(err).toContain(said)
  })
})
