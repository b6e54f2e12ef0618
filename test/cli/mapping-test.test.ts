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

  it('says what a run would do with rows and people, and what keeps a field from being sent apart from what is empty', async () => {
    const own = {
      'root.secondName': 'candidate.middleName',
      'work.title': 'job.title',
      'work.reportsTo': { from: 'job.hiringManager.email', find: 'employee' },
      'payroll.salary.payment': 'offer.salary.amount',
      'payroll.salary.payment.currency': 'offer.salary.currency',
      'payroll.salary.payPeriod': { constant: 'Annual' },
      'payroll.salary.payFrequency': { constant: 'Monthly' },
    }
    world = await openWorld({ service: false, connection: { mapping: own } })
    const { pinpoint, hibob: bob, calls } = world.sandbox
    bob.addEmployee({ email: 'grace@corp.example', firstName: 'Grace' })
    const hired = (email: string, salary: object) =>
      pinpoint.addApplication({
        job: { title: 'Desiner', hiringManager: { firstName: 'Grace', lastName: 'Example', email } },
        offers: [{ result: 'accepted', startOn: '2027-02-01', salary: salary as never }],
      }).id
    const paid = { amount: 65432.1, currency: 'EUR', period: 'year' }
    const ids = [
      hired('grace@corp.example', paid),
      hired('nobody@corp.example', { ...paid, currency: 'XYZ' }),
    ]
    calls.reset()
    const { out } = await mappingTest('--application', ids.join())
    expect(calls.count('hibob', 'people.search')).toBe(2)
    const row = (target: string) => out.split('\n').filter((line) => line.startsWith(`  ${target} `))
    for (const line of row('root.secondName')) expect(line).toMatch(/\(empty\) +candidate\.middleName$/)
    expect(row('work.reportsTo')[0]).toMatch(/job\.hiringManager\.email: found$/)
    expect(out).toMatch(/left out: HiBob shows the service user no employee with the manager’s e-mail/)
    expect(row('payroll.salary.payFrequency')[0]).toMatch(/Monthly +constant$/)
    expect(out).toContain('left out: The salary row is left out for payroll.salary.payment.currency.')
    expect(out).not.toMatch(/65432|grace@|nobody@|XYZ/)
    expect(out).toMatch(
      /^Of 2, 0 would go through with all that Pinpoint has, 2 with something left out, and 0 would park\.$/m,
    )
    expect(out).toMatch(/^Fields: sent \d+, empty in Pinpoint \d+, left out for a problem 7, parking 0\.$/m)
    expect(out).toMatch(
      /^ +left out +work\.title +2 hires +its value is not in the list of the destination$/m,
    )
    expect(out).toMatch(/^ +left out +work\.reportsTo +1 hire +the person is not found in the destination$/m)

    const { json } = await mappingTest('--application', ids.join(), '--json')
    const field = (target: string) => fieldIn(json, target)
    expect(field('work.reportsTo')).toMatchObject({ state: 'sent', person: { state: 'found' } })
    expect(field('root.secondName')).toMatchObject({
      state: 'empty',
      person: null,
      problem: { code: 'no_value' },
    })
    expect((json as Tested).counts).toMatchObject({
      ...{ hires: 2, whole: 0, leaveOut: 2, park: 0, fields: { leftOut: 7, parks: 0 } },
      problems: expect.arrayContaining([
        { target: 'work.reportsTo', code: 'not_found', parks: false, hires: 1 },
      ]) as unknown,
    })
    const revealed = await mappingTest('--application', ids[0]!, '--reveal')
    expect(revealed.out).toContain('grace@corp.example')
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
    await wrong(['--tenant', 'acme', '--last', '1'], 64, "missing required argument 'INTEGRATION'")
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
