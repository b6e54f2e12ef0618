// What a mapping makes of one hire, against fields that a destination has.
import { describe, expect, it } from 'vitest'

import { readMapping } from '../../src/mapping/mapping.ts'
import { differences, tryMapping } from '../../src/operator/mapping-trial.ts'
import { countTrials } from '../../src/operator/trial-counts.ts'
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
const problemOf = async (...given: Parameters<typeof tried>) => (await tried(...given))[0]?.problem

describe('The trial of a mapping', () => {
  it('has each value with where it comes from', async () => {
    expect(await tried({ team: 'job.department' }, [field('team')])).toEqual([
      {
        ...{ target: 'team', title: 'The team', state: 'sent', value: 'Engineering' },
        ...{ source: 'job.department', rule: 'source', open: true, person: undefined, problem: undefined },
      },
    ])
  })

  it('says what the destination would not take, and whether the run would park (case 41)', async () => {
    const park = { from: 'job.department', otherwise: 'park' }
    const gone = { code: 'unknown_field', parks: false }
    expect(await problemOf({ team: 'job.department' }, [])).toMatchObject(gone)
    expect(await problemOf({ team: park }, [])).toMatchObject({ ...gone, parks: true })
    expect(await problemOf({ team: park }, [field('team', { writable: false })])).toMatchObject({
      code: 'not_writable',
    })
    expect(await problemOf({ team: park }, [field('team', { maxLength: 3 })])).toMatchObject({
      code: 'too_long',
    })
    const choices = [{ id: '1', name: 'Sales', archived: false, children: [] }]
    expect(await problemOf({ team: park }, [field('team', { type: 'choice', choices })])).toMatchObject({
      ...{ code: 'not_a_choice', parks: true },
    })
  })

  it('tells a required field that nothing fills, shown by the destination or not', async () => {
    const needed = field('site', { required: true })
    const problem = { code: 'no_value', parks: true }
    expect(await problemOf({}, [needed])).toMatchObject(problem)
    expect(await problemOf({}, [], [needed])).toMatchObject(problem)
  })

  it('differs by what the destination would get, not by where it comes from', async () => {
    const fields = [field('team'), field('title')]
    const before = await tried({ team: 'job.department', title: 'job.title' }, fields)
    const after = await tried({ team: { constant: 'Engineering' } }, fields)
    expect(differences(before, after).map(({ target }) => target)).toEqual(['title'])
    const parks = await tried({ team: { from: 'offer.jobTitle', otherwise: 'park' } }, fields)
    expect(countTrials([before, after, parks])).toMatchObject({
      ...{ hires: 3, whole: 2, leaveOut: 0, park: 1 },
    })
  })

  it('counts what is merely empty apart from what a problem keeps from being sent', async () => {
    const choices = [{ id: '1', name: 'Sales', archived: false, children: [] }]
    const fields = [
      field('team', { type: 'choice', choices }),
      field('nickname'),
      field('title', { maxLength: 3 }),
      field('site', { type: 'choice', choices, required: true }),
    ]
    const written = {
      team: 'job.department',
      nickname: 'candidate.preferredName',
      title: 'job.title',
      site: { constant: 'Sales' },
    }
    const hire = await tried(written, fields)
    expect(hire.map(({ target, state }) => [target, state])).toEqual([
      ['team', 'left_out'],
      ['title', 'left_out'],
      ['site', 'sent'],
      ['nickname', 'empty'],
    ])
    const parks = await tried({ ...written, site: { constant: 'Sale' } }, fields)
    const { fields: states, problems, ...hires } = countTrials([hire, parks, await tried({}, [])])
    expect(hires).toEqual({ hires: 3, whole: 1, leaveOut: 1, park: 1 })
    expect(states).toEqual({ sent: 1, empty: 2, leftOut: 4, parks: 1 })
    expect(problems).toEqual([
      { target: 'site', code: 'not_a_choice', parks: true, hires: 1 },
      { target: 'team', code: 'not_a_choice', parks: false, hires: 2 },
      { target: 'title', code: 'too_long', parks: false, hires: 2 },
    ])
    const empty = await tried({ nickname: 'candidate.preferredName' }, fields.slice(1, 2))
    expect(countTrials([empty])).toMatchObject({ whole: 1, leaveOut: 0, problems: [] })
  })

  it('shows what a person wrote into the mapping and what is of the organisation, and never an amount', async () => {
    const personal = { personal: true as const }
    const fields = [
      field('frequency', { type: 'choice', ...personal }),
      field('amount', { type: 'money', ...personal }),
      field('currency', personal),
      field('grade'),
      field('team'),
      field('name'),
    ]
    const written = {
      frequency: { constant: 'Monthly' },
      amount: { constant: 65432 },
      currency: 'job.department',
      grade: { from: 'candidate.preferredName', otherwise: { value: 'None' } },
      team: 'job.department',
      name: 'candidate.firstName',
    }
    const open = (await tried(written, fields)).filter((one) => one.open).map(({ target }) => target)
    expect(open).toEqual(['frequency', 'grade', 'team'])
  })

  it('has a value as the destination spells it', async () => {
    const choices = [{ id: '7', name: 'ENGINEERING', archived: false, children: [] }]
    const list = field('team', { type: 'choice', choices })
    expect(await tried({ team: 'job.department' }, [list])).toMatchObject([{ value: 'ENGINEERING' }])
    expect(await tried({ team: { constant: '7' } }, [list])).toMatchObject([{ value: 'ENGINEERING' }])
  })
})
