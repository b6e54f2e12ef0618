/** The manager of a new employee: found by their e-mail once, sent by their id, and left out with a warning that names no person. */
import { describe, expect, it } from 'vitest'

import { employeeJson } from '../../src/integrations/hibob/employee-json.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import { peopleInBob, personOf } from '../../src/integrations/hibob/manager.ts'
import { mappedHire } from '../../src/integrations/hibob/mapped-hire.ts'
import { targets } from '../../src/integrations/hibob/mapping.ts'
import { jsonValues, namedIn } from '../../src/integrations/hibob/more-values.ts'
import { settings } from '../../src/integrations/hibob/settings.ts'
import { type Employee, searchAnswer } from '../../src/integrations/hibob/wire.ts'
import { type MappedValue, NeedsPerson } from '../../src/sdk/index.ts'
import { openMapping } from '../../src/worker/open-mapping.ts'
import { hireOf } from './a-hire.ts'

const email = 'grace@example.com'
const shown = (changes: object = {}, internal: object = {}): Employee =>
  searchAnswer.parse({
    employees: [
      {
        ...{ id: '77', email, firstName: 'Grace', surname: 'Example' },
        internal: { status: 'Active', lifecycleStatus: 'employed', ...internal },
        ...changes,
      },
    ],
  }).employees[0]!

const value = (changes: Partial<MappedValue> = {}) =>
  ({
    ...{ target: 'work.reportsTo', value: email, source: 'job.hiringManager.email', rule: 'source' },
    ...{ find: 'employee', organisational: false, parks: false, ...changes },
  }) as never

async function found(records: readonly Employee[], changes: Partial<MappedValue> = {}) {
  const asked: string[] = []
  const kept = new Map<string, Promise<unknown>>()
  const deps = {
    bob: {
      peopleWithEmail: async (address: string) => {
        asked.push(address)
        return records
      },
    },
    cached: <T>(key: string, _seconds: number, read: () => Promise<T>): Promise<T> => {
      if (!kept.has(key)) kept.set(key, read())
      return kept.get(key) as Promise<T>
    },
  }
  const mapped = { values: new Map([['work.reportsTo', value(changes)]]) }
  const first = await peopleInBob(deps, mapped)
  expect(await peopleInBob(deps, mapped)).toEqual(first)
  return { ...first, asked }
}

describe('A manager', () => {
  it('is found by their e-mail in any case with one search for many hires, and sent as an object with the id', async () => {
    const { more, warnings, asked } = await found([shown()], { value: ' Grace@Example.com ' })
    expect([jsonValues(more), warnings, asked]).toEqual([
      { 'work.reportsTo': '77' },
      [],
      ['Grace@Example.com'],
    ])
    const hire = { firstName: 'Ada', surname: 'Example', email: 'ada@example.com', startDate: '', site: 'HQ' }
    const nothing = { title: undefined, department: undefined, privateEmail: undefined }
    expect(employeeJson({ ...hire, ...nothing, more: jsonValues(more) })).toMatchObject({
      work: { site: 'HQ', reportsTo: { id: '77' } },
    })
  })

  it('goes by no address, whether HiBob describes its field or not, and is left out when it refuses their id', async () => {
    const hiringManager = { firstName: 'Grace', lastName: 'Example', email }
    const application = hireOf({ job: { ...hireOf().job!, hiringManager } })
    const written = { 'work.reportsTo': { from: 'job.hiringManager.email', find: 'employee' } }
    const apply = openMapping(hibob, { written, version: 1 }, settings.parse({ site: 'HQ' }))
    const mapped = apply!({ application, triggeredAt: new Date('2026-11-24T08:00:00Z') }, undefined)
    const live = mapped.against(targets)
    for (const hire of [mapped, { ...live, fields: new Map(targets.map((one) => [one.id, one])) }]) {
      expect(hire.values.get('work.reportsTo')).toMatchObject({ value: email, find: 'employee' })
      expect(mappedHire(application, hire).more).toEqual({})
    }
    const { more } = await found([shown()])
    for (const named of ['work.reportsTo', 'work.reportsTo.id', '/work/reportsTo/id'])
      expect(namedIn(more, [named])).toEqual(['work.reportsTo'])
  })

  it('is not looked for where there is none, nor where the mapping gives an id', async () => {
    const never = { bob: {} as never, cached: () => Promise.reject(new Error('no call')) }
    const none = { more: {}, warnings: [] }
    expect(await peopleInBob(never, undefined)).toEqual(none)
    expect(await peopleInBob(never, { values: new Map() })).toEqual(none)
    const byId = { values: new Map([['work.reportsTo', value({ find: undefined, value: '77' })]]) }
    expect(await peopleInBob(never, byId)).toEqual(none)
  })

  it.each<[string, readonly Employee[], RegExp]>([
    ['nobody has it', [], /no employee with the manager’s e-mail.*access rights/],
    ['HiBob passes its filter over', [shown({ email: 'zoe@example.com' })], /no employee/],
    ['e-mails are hidden', [shown({ email: undefined })], /root\.email; grant the view of Basic info/],
    ['two have it', [shown(), shown({ id: '78' })], /several employees/],
    ['they have left', [shown({}, { lifecycleStatus: 'Terminated' })], /has left/],
    [
      'it is not shown whether they have left',
      [shown({ internal: undefined })],
      /does not say whether .* grant the view of Lifecycle/,
    ],
  ])(
    'is left out where %s, with a warning that names the target and no person',
    async (_what, records, because) => {
      const { more, warnings } = await found(records)
      expect(more).toEqual({})
      expect(warnings.map(({ code }) => code)).toEqual(['hibob.manager_left_out'])
      expect(warnings[0]?.message).toMatch(because)
      expect(warnings[0]?.message).toContain('work.reportsTo')
      expect(warnings[0]?.message).toContain('job.hiringManager.email')
      expect(warnings[0]?.message).not.toMatch(/@|grace|zoe|7[78]/i)

      const parked = await found(records, { parks: true }).catch((error: unknown) => error)
      expect(parked).toBeInstanceOf(NeedsPerson)
      expect(parked).toMatchObject({
        code: 'hibob.mapping_gaps',
        resumesOn: 'connection',
        watches: ['record'],
      })
      expect(`${String(parked)} ${(parked as NeedsPerson).fix}`).not.toMatch(/@|grace|zoe/i)
    },
  )

  it('may be on leave, or not have begun', () => {
    for (const lifecycleStatus of ['hired', 'parental leave', 'garden leave']) {
      expect(personOf([shown({}, { lifecycleStatus, status: 'Inactive' })], email)).toEqual({ id: '77' })
    }
  })
})
