// `mapping test`: what a mapping makes of hires, and what HiBob would not take of it.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { declaration, openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const mappingTest = (...words: readonly string[]) =>
  runCommand(['mapping', 'test', '--tenant', 'acme', '--integration', 'hibob', ...words], world.env)

const mapping = {
  'root.firstName': 'candidate.preferredName',
  'work.site': { from: 'job.location', values: { Leeds: 'London (Demo)' } },
  'work.custom.field_1': { constant: 'Pinpoint' },
}
const connection = { mapping }
const hibob = { site: undefined }

interface Tested {
  readonly counts: object
  readonly hires: readonly {
    readonly application: string
    readonly fields: readonly { readonly target: string; readonly problem: object | null }[]
    readonly differs?: readonly { readonly target: string }[]
  }[]
}
const fieldIn = (json: unknown, id: string) =>
  (json as Tested).hires[0]?.fields.find(({ target }) => target === id)

describe('mapping test', () => {
  it('shows target by target value, source and rule, and what HiBob would refuse, and writes nothing', async () => {
    world = await openWorld({ service: false, hibob, connection })
    const { id } = world.sandbox.pinpoint.addApplication({ preferredName: 'Adi', job: { location: 'Leeds' } })
    const { code, json } = await mappingTest('--application', id, '--json')
    expect(code).toBe(0)
    expect(fieldIn(json, 'root.firstName')).toMatchObject({ value: 'A••', source: 'candidate.preferredName' })
    expect(fieldIn(json, 'work.site')).toMatchObject({
      value: 'London (Demo)',
      rule: 'values',
      problem: null,
    })
    expect(fieldIn(json, 'work.custom.field_1')).toMatchObject({
      value: 'Pinpoint',
      problem: { code: 'unknown_field', parks: false },
    })
    expect(world.sandbox.hibob.employees('acme')).toEqual([])

    const other = world.sandbox.pinpoint.addApplication({ job: { location: 'Londn (Demo)' } })
    const { out } = await mappingTest('--application', `${id}, ${other.id}`)
    expect(out).toContain(`Application ${other.id}: would park`)
    expect(out).toContain('PARKS: Pinpoint has no value of candidate.preferredName.')
    expect(out).toContain('is not in the list of the destination. Did you mean "London (Demo)"?')
    expect(out).toContain('and 1 would park.')
    expect((await world.store.database.pool.query('select from audit')).rowCount).toBe(0)
  })

  it('prints the line that mends a value below it: of the mapping, or of the setting that says it', async () => {
    world = await openWorld({
      ...{ service: false, hibob: { site: undefined, sites: { Leeds: 'Londn (Demo)' } } },
      connection: { mapping: { 'work.department': { from: 'job.department', otherwise: 'park' } } },
    })
    const job = { location: 'Leeds', department: 'Enginering' }
    const { id } = world.sandbox.pinpoint.addApplication({ job })
    const { out } = await mappingTest('--application', id)
    const below = (reason: string) =>
      out.split('\n')[out.split('\n').findIndex((line) => line.includes(reason)) + 1]
    expect(below('PARKS: The value "Londn (Demo)"')).toBe(
      '      fix: Leeds: "London (Demo)" # in the setting `sites`',
    )
    expect(below('PARKS: The value "Enginering"')).toBe(
      '      fix: work.department: { from: job.department, values: { Enginering: Engineering } }',
    )
    expect(fieldIn((await mappingTest('--application', id, '--json')).json, 'work.site')).toMatchObject({
      problem: { mend: 'Leeds: "London (Demo)" # in the setting `sites`' },
    })
  })

  it('takes the last hires that reached us, in clear only once that is noted', async () => {
    world = await openWorld({ hibob, connection })
    const first = await world.hire({ preferredName: 'Adi', job: { location: 'Leeds' } })
    const second = await world.hire({ preferredName: 'Bea', job: { location: 'Leeds' } })
    await world.settled(2)
    const { json } = await mappingTest('--last', '1', '--reveal', '--json')
    expect((json as Tested).hires.map(({ application }) => application)).toEqual([second])
    expect(fieldIn(json, 'root.firstName')).toMatchObject({ value: 'Bea' })
    const { rows } = await world.store.database.pool.query('select action, subjects from audit')
    expect(rows).toEqual([{ action: 'hires.reveal', subjects: [second] }])
    expect((await mappingTest('--last', '9')).out).toContain(`Application ${first}`)
  })

  it('shows what a file would change, and only that', async () => {
    world = await openWorld({ service: false, hibob, connection })
    const { id } = world.sandbox.pinpoint.addApplication({ preferredName: 'Adi', job: { location: 'Leeds' } })
    const path = join(world.config.dataDir, 'acme.json')
    const changed = {
      mapping: { ...mapping, 'work.site': { from: 'job.location', values: { Leeds: 'Paris' } } },
    }
    await writeFile(path, JSON.stringify(declaration(world.sandbox, { hibob, connection: changed })))
    const { json } = await mappingTest('--application', id, '--against', path, '--json')
    expect(json).toMatchObject({
      counts: { before: { park: 0 }, after: { park: 1 } },
      hires: [
        {
          differs: [
            {
              target: 'work.site',
              before: { value: 'London (Demo)' },
              after: { value: 'Paris', problem: { parks: true } },
            },
          ],
        },
      ],
    })
    const { out } = await mappingTest('--application', id, '--against', path)
    expect(out).toMatch(/work\.site\n +- London \(Demo\)\n +\+ Paris/)
  })

  it('says what is wrong', async () => {
    world = await openWorld({ service: false, webhook: true })
    const { id } = world.sandbox.pinpoint.addApplication()
    const wrong = async (words: readonly string[], code: number, said: string) => {
      const ended = await runCommand(['mapping', 'test', ...words], world.env)
      expect([ended.code, ended.err]).toEqual([code, expect.stringContaining(said)])
    }
    const acme = ['--tenant', 'acme', '--integration', 'hibob']
    await wrong(
      ['--tenant', 'nobody', '--integration', 'hibob', '--last', '1'],
      1,
      'There is no tenant "nobody".',
    )
    await wrong(
      ['--tenant', 'acme', '--integration', 'nothing', '--last', '1'],
      64,
      'There is no integration "nothing".',
    )
    await wrong(['--tenant', 'acme', '--integration', 'webhook', '--last', '1'], 1, 'has no fields to map')
    await wrong(['--tenant', 'acme', '--last', '1'], 64, 'Name --integration')
    await wrong(acme, 64, 'Name either --application, or --last')
    await wrong([...acme, '--application', ','], 64, 'Name either --application, or --last')
    await wrong([...acme, '--last', '0'], 64, 'Give a number from 1 to 100.')
    await wrong([...acme, '--application', '1'], 1, 'Pinpoint does not know application 1')
    await wrong([...acme, '--application', id, '--against', 'nowhere.yaml'], 2, 'cannot be read')
    world.sandbox.pinpoint.addTenant({ subdomain: 'acme', enabled: false })
    await wrong([...acme, '--application', id], 2, 'permission')
    world.sandbox.faults.add({ system: 'hibob', operation: 'fields.list', effect: { status: 403 } })
    await wrong([...acme, '--application', id], 2, 'they lack a permission: fields (403')
  })
})
