/** What is near is what a plain comparison finds, however little of it is worked out. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { targets } from '../../src/integrations/hibob/mapping.ts'
import { distanceWithin } from '../../src/mapping/near/distance.ts'
import { likelyMeant, nearFields } from '../../src/mapping/near/fields-meant.ts'
import { comparable, nearest } from '../../src/mapping/same-text.ts'

/** By the book: the whole table. */
function plainDistance(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, at) => at)]
  for (let at = 1; at <= one.length; at++) {
    const row = [at]
    for (let to = 1; to <= other.length; to++) {
      const changed = rows[at - 1]![to - 1]! + (one[at - 1] === other[to - 1] ? 0 : 1)
      row.push(Math.min(changed, rows[at - 1]![to]! + 1, row[to - 1]! + 1))
    }
    rows.push(row)
  }
  return rows[one.length]![other.length]!
}

/** Every name is compared, sorted and cut. */
function plainNearest(wanted: string, names: readonly string[]): readonly string[] {
  const { plain } = comparable(wanted)
  const allowed = Math.min(plain.length - 1, Math.max(2, Math.floor(plain.length / 3)))
  const distance = (other: string) => {
    if (plain === other) return 0
    const [short, long] = plain.length < other.length ? [plain, other] : [other, plain]
    return short.length > 2 && long.includes(short) ? 1 : plainDistance(plain, other)
  }
  return names
    .map((name) => ({ name, distance: distance(comparable(name).plain) }))
    .filter((one) => one.distance === 0 || one.distance <= allowed)
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ name }) => name)
}

const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'é', 'L'), maxLength: 12 })
const title = fc
  .tuple(
    fc.constantFrom('Senior ', 'Junior ', 'Lead ', ''),
    fc.constantFrom('Sales', 'Software', 'Support', 'Sale', 'Softwär'),
    fc.constantFrom(' Engineer', ' Manager', ' Enginer', ', UK', ''),
  )
  .map((parts) => parts.join(''))
const name = fc.oneof(letters, title, fc.string({ unit: 'grapheme', maxLength: 90 }))

describe('A distance', () => {
  it('is that of the whole table, or beyond the limit', () => {
    const limit = fc.oneof(fc.integer({ min: -1, max: 12 }), fc.constant(Infinity))
    fc.assert(
      fc.property(name, name, limit, (one, other, most) => {
        const distance = plainDistance(one, other)
        expect(distanceWithin(one, other, most)).toBe(distance <= most ? distance : Infinity)
      }),
      { numRuns: 500 },
    )
  })
})

describe('The nearest names', () => {
  it('are those of a comparison with every name, in the same order', () => {
    fc.assert(
      fc.property(name, fc.array(name, { maxLength: 40 }), (wanted, names) => {
        expect(nearest(wanted, names)).toEqual(plainNearest(wanted, names))
      }),
      { numRuns: 500 },
    )
  })

  it('of a long list with many alike, too', () => {
    const roles = ['Engineer', 'Enginer', 'Engineer II', 'Designer', 'Manager', 'Analyst', 'Recruiter']
    const names = Array.from({ length: 1000 }, (_, at) => `Team ${at % 97} ${roles[at % roles.length]}`)
    for (const wanted of ['Team 12 Enginere', 'Team 96 Analist', 'Tem 5 Manger', 'Chef', 'Team'])
      expect(nearest(wanted, names)).toEqual(plainNearest(wanted, names))
  })
})

describe('A field of the wrong name', () => {
  it.each([
    ['root.lastName', ['root.surname']],
    ['root.lastname', ['root.surname']],
    ['address.zip', ['address.postCode']],
    ['address.zipCode', ['address.postCode']],
    ['address.postalCode', ['address.postCode']],
    ['address.state', ['address.usaState']],
    ['personal.dateOfBirth', ['personal.birthDate']],
    ['work.jobTitel', []],
    ['home.phone', ['home.privatePhone', 'home.mobilePhone', 'emergency.phone']],
    ['work.custom', []],
  ])('is known by what people call the field: %s', (wanted, meant) => {
    expect(likelyMeant(wanted, targets)).toEqual(meant)
  })

  it('in a place that has no such name is looked for in the others', () => {
    expect(likelyMeant('person.lastName', targets)).toEqual([])
    expect(nearFields('person.lastName', targets)).toContain('root.surname')
    expect(nearFields('location.zipCode', targets)).toContain('address.postCode')
  })
})
