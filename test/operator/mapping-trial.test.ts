// What a mapping makes of one hire, against fields that a destination has.
import { describe, expect, it } from 'vitest'

import { readMapping } from '../../src/mapping/mapping.ts'
import { countTrials, differences, tryMapping } from '../../src/operator/mapping-trial.ts'
import type { Target } from '../../src/sdk/index.ts'
import { hireOf } from '../integrations/a-hire.ts'

const field = (id: string, given: Partial<Target> = {}): Target => ({
  ...{ id, title: `The ${id}`, group: 'Work', type: 'text', required: false, writable: true },
  ...given,
})

function tried(written: object, fields: readonly Target[], targets: readonly Target[] = []) {
  const read = readMapping(written)
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  const mapping = { mapping: read.mapping, defaults: new Map(), targets }
  return tryMapping(mapping, { application: hireOf() }, { fields, timeZone: undefined })
}
const problemOf = (...given: Parameters<typeof tried>) => tried(...given)[0]?.problem

describe('The trial of a mapping', () => {
  it('has each value with where it comes from', () => {
    expect(tried({ team: 'job.department' }, [field('team')])).toEqual([
      {
        ...{ target: 'team', title: 'The team', value: 'Engineering', source: 'job.department' },
        ...{ rule: 'source', organisational: true, problem: undefined },
      },
    ])
  })

  it('says what the destination would not take, and whether the run would park (case 41)', () => {
    const park = { from: 'job.department', otherwise: 'park' }
    const gone = { code: 'unknown_field', parks: false }
    expect(problemOf({ team: 'job.department' }, [])).toMatchObject(gone)
    expect(problemOf({ team: park }, [])).toMatchObject({ ...gone, parks: true })
    expect(problemOf({ team: park }, [field('team', { writable: false })])).toMatchObject({
      code: 'not_writable',
    })
    expect(problemOf({ team: park }, [field('team', { maxLength: 3 })])).toMatchObject({ code: 'too_long' })
    const choices = [{ id: '1', name: 'Sales', archived: false, children: [] }]
    expect(problemOf({ team: park }, [field('team', { type: 'choice', choices })])).toMatchObject({
      ...{ code: 'not_a_choice', parks: true },
    })
  })

  it('tells a required field that nothing fills, shown by the destination or not', () => {
    const needed = field('site', { required: true })
    const problem = { code: 'no_value', parks: true }
    expect(problemOf({}, [needed])).toMatchObject(problem)
    expect(problemOf({}, [], [needed])).toMatchObject(problem)
  })

  it('differs by what the destination would get, not by where it comes from', () => {
    const fields = [field('team'), field('title')]
    const before = tried({ team: 'job.department', title: 'job.title' }, fields)
    const after = tried({ team: { constant: 'Engineering' } }, fields)
    expect(differences(before, after).map(({ target }) => target)).toEqual(['title'])
    const parks = tried({ team: { from: 'offer.jobTitle', otherwise: 'park' } }, fields)
    expect(countTrials([before, after, parks])).toEqual({ hires: 3, whole: 2, leaveOut: 0, park: 1 })
  })
})
