// `connections fields`: what a mapping can fill in the destination, asked of it now.
import { afterEach, describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

const fieldOf = (given: { readonly id: string; readonly name: string }) => ({
  ...{ category: 'work', categoryDisplayName: 'Work', type: 'text', historical: false },
  ...given,
})

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
    expect(out).toMatch(/work\.department +1 of 2 +Department$/m)
    expect(out).toMatch(/root\.firstName +text, required +First name$/m)
    expect(out).not.toContain('root.fullName')
    const json = await fields('acme', 'hibob', '--group', 'work', '--json')
    const listed = JSON.parse(json.out) as {
      fields: { id: string; title: string; group: string; choices?: unknown }[]
    }
    for (const { id, title } of listed.fields.filter((one) => one.title.length <= 24)) {
      const line = out.split('\n').find((one) => one.startsWith(`  ${id} `)) ?? ''
      expect(line.length, `${id} ${title}`).toBeLessThanOrEqual(80)
    }
    expect(new Set(listed.fields.map(({ group }) => group))).toEqual(new Set(['Work']))
    expect(listed.fields.find(({ id }) => id === 'work.department')).toMatchObject({
      writable: true,
      choices: [{ name: 'Engineering', children: [{ name: 'Platform' }, { name: 'Data' }] }],
    })
  })

  it('cuts neither an id nor a name', async () => {
    world = await openWorld({ service: false })
    const id = 'work.custom.field_16449328872861234567890'
    const name = 'Whether the badge is to be sent to the home address before the first day'
    world.sandbox.hibob.configure('acme', { fields: [fieldOf({ id, name })] })
    const { out } = await fields('acme', 'hibob', '--search', 'BADGE')
    expect(out).toContain(`1 field can be written.\n\nWork\n  ${id} text ${name}\n`)
    expect((await fields('acme', 'hibob', '--search', 'no such')).out).toBe(
      'No field that can be written has that in its id or name.\n',
    )
    const few = await fields('acme', 'hibob', '--limit', '2')
    expect(few.out).toContain('2 are shown: --limit shows more.')
    const json = (await fields('acme', 'hibob', '--limit', '2', '--json')).json as { fields: object[] }
    expect(json.fields).toHaveLength(2)
  })

  it('shows the items of one list: id, name, the headings above, and what is archived', async () => {
    world = await openWorld({ service: false })
    world.sandbox.hibob.configure('acme', {
      departments: [
        {
          name: 'Engineering',
          id: '10',
          children: [
            { name: 'Platform', id: '11' },
            { name: 'Data', id: '12', archived: true },
          ],
        },
        { name: 'People', id: '20' },
      ],
    })
    const { out, code } = await fields('acme', 'hibob', 'work.department')
    expect(code).toBe(0)
    expect(out).toBe(
      [
        'work.department: Department (Work), 1 of 2',
        '',
        'ID  NAME         UNDER',
        '10  Engineering               a heading',
        '11  Platform     Engineering',
        '12  Data         Engineering  archived',
        '20  People',
        '',
      ].join('\n'),
    )
    expect(
      (await fields('acme', 'hibob', '--field', 'work.department', '--search', 'engin', '--json')).json,
    ).toMatchObject({
      field: { id: 'work.department', type: 'choice', writable: true },
      total: 3,
      choices: [
        { id: '10', name: 'Engineering', under: [], archived: false, choosable: false },
        { id: '11', name: 'Platform', under: ['Engineering'], archived: false, choosable: true },
        { id: '12', name: 'Data', under: ['Engineering'], archived: true, choosable: false },
      ],
    })
    expect((await fields('acme', 'hibob', 'root.firstName')).out).toContain('It has no list')
    world.sandbox.hibob.configure('acme', { denied: ['lists.read'] })
    expect((await fields('acme', 'hibob', 'work.department')).out).toContain('does not show its list')
  })

  it('shows fifty items of a long list, and says how to see more', async () => {
    world = await openWorld({ service: false })
    const titles = Array.from({ length: 120 }, (_, at) => `Title ${at}`)
    world.sandbox.hibob.configure('acme', { titles })
    const { out } = await fields('acme', 'hibob', 'work.title')
    expect(out).toContain('50 of 120 items: --limit shows more, --search finds one.')
    expect((await fields('acme', 'hibob', 'work.title', '--limit', '120')).out).toContain('Title 119')
    expect((await fields('acme', 'hibob', 'work.title', '--search', 'title 119')).out).toContain('Title 119')
    expect((await fields('acme', 'hibob', 'work.title', '--search', 'Chef')).out).toContain(
      'No item has that',
    )
    const json = (await fields('acme', 'hibob', 'work.title', '--json')).json as { choices: object[] }
    expect(json.choices).toHaveLength(120)
  })

  it.each([
    [['acme', 'hibob', 'work.departmen'], 1, 'has no field "work.departmen"; did you mean work.department?'],
    [['acme', 'hibob', 'Department'], 1, 'did you mean work.department?'],
    [['acme', 'hibob', 'work.title', '--group', 'Work'], 64, 'names a field and a group'],
    [['acme', 'hibob', '--limit', 'x'], 64, '"x" is not a limit.'],
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
