/**
 * A service user with too few rights: what HiBob leaves out or refuses is named on the run with the right to grant, nothing is made
 * twice, and nobody waits but for what nobody can be hired without.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { categoryOf, mayEdit, mayView } from '../../sandbox/hibob/rights.ts'
import { type CompanySeed, type Permission, permissions } from '../../sandbox/hibob/seed.ts'
import { required } from '../../src/integrations/hibob/field-rules.ts'
import {
  everyTarget,
  groupOf,
  managerAttribute,
  namedIn,
  rowDay,
  sentWithCreate,
  usualCompany,
} from '../support/every-target.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
let hires = 0
beforeAll(async () => {
  world = await openWorld()
  world.sandbox.hibob.configure('acme', usualCompany)
  await applyAgain()
})
afterAll(() => world.close())

/** Another version of the connection, of which nothing is cached and which is not paused. */
const applyAgain = () => {
  const mapping = everyTarget(usualCompany)
  return world.apply({
    connection: { mapping: { ...mapping, 'about.custom.field_1653': { constant: `Zz ${hires}` } } },
  })
}

interface Hired {
  readonly rights: Omit<CompanySeed, 'name'>
  /** The rows begin later, so that they are rows of their own. */
  readonly later?: boolean
}

const salaryRow = { table: 'salaries' }
const daysFromNow = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

async function hired({ rights, later = false }: Hired) {
  const { hibob } = world.sandbox
  const email = `ada.${++hires}@example.com`
  const manager = `grace.${hires}@corp.example`
  hibob.addEmployee({ email: manager, firstName: 'Grace' })
  hibob.configure('acme', { ...usualCompany, ...rights })
  await world.hire({
    ...{ firstName: 'Ada', email },
    customAttributes: { [managerAttribute]: manager, ...(later && { [rowDay]: daysFromNow(60) }) },
  })
  const [run] = await world.settled(hires)
  const { warnings = [] } = (run?.result ?? {}) as {
    readonly warnings?: readonly { readonly code: string; readonly message: string }[]
  }
  const text = warnings.map(({ code, message }) => `${code} ${message}`).join('\n')
  expect(JSON.stringify([run?.reason, run?.fix, text])).not.toMatch(/Zz|65432|ada\.|grace\.|15555550199|EUR/)
  const made = hibob.employees('acme').filter((one) => one.email === email)
  return { run, text, made, rows: made.flatMap(({ id }) => hibob.rows(id)) }
}

const done = { state: 'done', attempt: 1, result: { did: 'created' } }
const categories = [...new Set([...sentWithCreate.map(categoryOf), 'payroll'])]

describe('A hire with all fields mapped', () => {
  it('is all in HiBob when the service user may do all, and is told nothing', async () => {
    expect(await hired({ rights: {} })).toMatchObject({ run: done, text: '', rows: [salaryRow] })
    const { run, text, rows } = await hired({ rights: {}, later: true })
    expect({ run, text }).toMatchObject({ run: done, text: '' })
    expect(rows.map(({ table }) => table).toSorted()).toEqual(['employment', 'salaries', 'work'])
  })

  it.each(categories)(
    'goes through without the edit of %s, and each field that HiBob drops is named',
    async (right) => {
      const rights = { uneditableFields: [right] }
      const dropped = sentWithCreate.filter(
        (id) => !required.has(id) && !mayEdit({ ...usualCompany, ...rights }, id),
      )
      const { run, text, rows } = await hired({ rights })
      expect(run).toMatchObject(done)
      expect(namedIn(text)).toEqual(dropped.toSorted())
      if (right === 'payroll') expect(text).toMatch(/^hibob\.row_not_made .*edit of Payroll/m)
      else if (dropped[0] !== undefined) expect(text).toContain(groupOf(dropped[0]))
      expect(rows).toMatchObject(right === 'payroll' ? [] : [salaryRow])
    },
  )

  it.each(categories)(
    'goes through without the view of %s, and each field that is not shown is named',
    async (right) => {
      const rights = { hiddenFields: [right] }
      const hidden = sentWithCreate.filter((id) => !mayView({ ...usualCompany, ...rights }, id))
      const { run, text, rows } = await hired({ rights })
      expect(run).toMatchObject(done)
      expect(namedIn(text)).toEqual(expect.arrayContaining(hidden))
      if (right === 'payroll') expect(text).toMatch(/^hibob\.row_not_shown .*view of Payroll/m)
      else expect(text).toContain(groupOf(hidden[0] ?? ''))
      expect(rows).toMatchObject([salaryRow])
    },
  )
})

/** What is said of the hire; of nobody can be hired without it, what the parked run says. */
const without: Readonly<Record<Permission, { readonly told?: RegExp; readonly parks?: RegExp }>> = {
  'people.create': { parks: /add new people/ },
  'people.read': { parks: /search people/ },
  'docs.upload': { told: /^hibob\.cv_not_uploaded .*upload/ },
  // Somebody new has none to list.
  'docs.read': {},
  'lists.read': { told: /^hibob\.fields_unread .*company\/named-lists/m },
  'fields.read': { told: /^hibob\.fields_unread .*company\/people\/fields/m },
  'work.read': { told: /^hibob\.row_not_made The work row .*view of Work/ },
  'work.write': { told: /^hibob\.row_not_made The work row .*edit of Work/ },
  'employment.read': { told: /^hibob\.row_not_made The employment row .*view of Employment/ },
  'employment.write': { told: /^hibob\.row_not_made The employment row .*edit of Employment/ },
  'salaries.read': { told: /^hibob\.row_not_shown .*view of Payroll/ },
  'salaries.write': { told: /^hibob\.row_not_made The salary row .*edit of Payroll/ },
}

describe('A right without which HiBob refuses a call', () => {
  it.each(permissions)('%s: the hire goes through where it can, and the right is named', async (right) => {
    await applyAgain()
    const deniedWith = ([401, 403, 'key'] as const)[permissions.indexOf(right) % 3]!
    const { told, parks } = without[right]
    const { run, text, made } = await hired({ rights: { denied: [right], deniedWith }, later: true })
    if (parks !== undefined) {
      expect(run).toMatchObject({ state: 'parked', reason: expect.stringMatching(parks) as string })
      expect(made).toEqual([])
      return
    }
    expect(run).toMatchObject(done)
    expect(made).toHaveLength(1)
    if (told === undefined) expect(text).toBe('')
    else expect(text).toMatch(told)
  })
})

it('and nothing of all that is in HiBob twice', () => {
  const made = world.sandbox.hibob.employees('acme').filter(({ seeded }) => !seeded).length
  expectExactly(world, made, { documents: world.sandbox.ledger().counts.documents })
})
