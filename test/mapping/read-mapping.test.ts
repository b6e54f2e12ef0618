/** How a mapping is written, and what is said of one that is wrong. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { detailsOf, readMapping } from '../../src/mapping/mapping.ts'

const problemOf = (rule: unknown) => {
  const read = readMapping({ target: rule })
  return read.ok ? undefined : read.faults.map(({ problem }) => problem).join('; ')
}

describe('A mapping', () => {
  it.each([
    ['job.title'],
    [['offer.jobTitle', 'job.title', 'default']],
    ['candidate.firstName|ascii|lower'],
    ['application.hiredAt | plusDays(14) | nextWorkingDay'],
    ['application.custom["T-shirt | size {\\"M\\"}"]|trim'],
    [{ from: 'job.department', values: { 'R&D': 'Engineering', 7: 8 }, otherwise: 'leave-out' }],
    [{ from: ['job.department'], otherwise: { value: 'Other' } }],
    [
      {
        from: 'application.custom["Work e-mail"]',
        otherwise: { template: '{candidate.firstName}@a.example' },
      },
    ],
    [{ from: 'offer.manager.email', find: 'employee', otherwise: 'park' }],
    [{ constant: false }],
    [{ template: '{candidate.firstName|initial}.{candidate.custom["}"]}@example.com' }],
    [{ template: 'Hired "from" Pinpoint' }],
  ])('may be written so: %j', (rule) => expect(problemOf(rule)).toBeUndefined())

  it.each([
    ['job.titel', 'names an unknown source "job.titel". Did you mean job.title?'],
    ['Permanent', 'A text that is always the same is written as { constant: … }'],
    ['job.title|lowercase', 'names an unknown filter "lowercase". Did you mean lower?'],
    ['job.title|', 'names an unknown filter ""'],
    ['job.title|plusDays', 'plusDays takes a number of days from 0 to 9999: plusDays(14)'],
    ['job.title|plusDays(99999)', 'plusDays takes a number of days from 0 to 9999: plusDays(14)'],
    ['job.title|plusDays(two weeks)', 'plusDays takes a number of days from 0 to 9999: plusDays(14)'],
    ['job.title|lower(all)', 'lower takes nothing like that'],
    ['job.title|lowr(all)', 'names an unknown filter "lowr". Did you mean lower?'],
    ['job.title|lower(1)', 'lower takes no number'],
    ['application.custom[size]', 'names an unknown source "application.custom[size]". Did you mean'],
    [`job.title${'|trim'.repeat(9)}`, 'has more than 8 filters'],
    [[], 'needs 1 to 10 sources'],
    [7, 'must be a source, a list of sources, or an object'],
    [null, 'must be a source, a list of sources, or an object'],
    [{}, 'needs exactly one of from, template and constant'],
    [{ from: 'job.title', constant: 'x' }, 'needs exactly one of from, template and constant'],
    [{ from: 'job.title', value: {} }, 'has an unknown key value. Did you mean values?'],
    [
      { from: 'job.title', otherwise: 'leave out' },
      'needs park, leave-out, { value: … } or { template: … } as its otherwise',
    ],
    [{ from: 'job.title', otherwise: { template: '{job.titel}' } }, 'names an unknown source "job.titel"'],
    [{ from: 'job.title', find: 'site' }, 'can only find: employee'],
    [{ from: 'job.title', values: ['x'] }, 'needs an object of texts as its values'],
    [{ constant: null }, 'needs a text, a number, true or false as its constant'],
    [{ template: '{candidate.firstName' }, 'has a "{" without its "}"'],
    [{ template: 'candidate.firstName}' }, 'has a "}" without its "{"'],
    [{ template: '{default}' }, 'cannot use `default` in a template'],
    [{ template: '' }, 'must not be empty'],
    [{ template: '{job.title}'.repeat(41) }, 'has more than 40 parts'],
    [{ template: 'x'.repeat(501) }, 'is longer than 500 characters'],
  ])('is refused with what is wrong: %j', (rule, problem) => expect(problemOf(rule)).toContain(problem))

  it.each([
    ['application.custom.T-shirt size', 'application.custom["T-shirt size"]'],
    ['application.custom.T-shirt size|upper', 'application.custom["T-shirt size"]'],
    ['application.custom[T-shirt size]', 'application.custom["T-shirt size"]'],
    ["application.custom['T-shirt size']", 'application.custom["T-shirt size"]'],
    ['Application.Custom["T-shirt size"]', 'application.custom["T-shirt size"]'],
    ['job.custom Cost centre', 'job.custom["Cost centre"]'],
    ['onboarding.answer.Laptop?', 'onboarding.answer["Laptop?"]'],
    [{ template: '{offer.custom.Grade}' }, 'offer.custom["Grade"]'],
  ])('is told how the name of a custom field is written: %j', (rule, meant) => {
    expect(problemOf(rule)).toContain(`. Did you mean ${meant}?`)
  })

  it('is told all that is wrong with a rule at once', () => {
    const rule = {
      from: ['job.titel|lowr|plusDays', 7, 'job.locaton'],
      values: ['x'],
      find: 'site',
      otherwise: 'leave out',
      value: 'x',
      valeus: 'x',
    }
    expect(problemOf(rule)?.split('; ')).toEqual([
      'has an unknown key value. Did you mean values?',
      'has an unknown key valeus. Did you mean values?',
      'names an unknown source "job.titel". Did you mean job.title?',
      'names an unknown filter "lowr". Did you mean lower?',
      'plusDays takes a number of days from 0 to 9999: plusDays(14)',
      'needs texts as its sources',
      'names an unknown source "job.locaton". Did you mean job.location?',
      'can only find: employee',
      'needs an object of texts as its values',
      'needs park, leave-out, { value: … } or { template: … } as its otherwise',
    ])
    expect(
      problemOf({ template: '{job.titel} {default} }x{job.title|x}', otherwise: 7 })?.split('; '),
    ).toEqual([
      'names an unknown source "job.titel". Did you mean job.title?',
      'cannot use `default` in a template',
      'has a "}" without its "{"',
      'names an unknown filter "x"',
      'needs park, leave-out, { value: … } or { template: … } as its otherwise',
    ])
  })

  it('names fields of the destination, where these are known', () => {
    const field = { type: 'text', writable: true } as const
    const targets = [
      { ...field, id: 'work.title' },
      { ...field, id: 'work.tenure', writable: false },
    ]
    expect(readMapping({ 'work.titel': 'job.title', 'work.tenure': 'job.title' }, { targets })).toEqual({
      ok: false,
      faults: [
        {
          path: 'work.titel',
          problem: 'is not a field of the destination. Did you mean work.title?',
        },
        { path: 'work.tenure', problem: 'cannot be mapped' },
      ],
    })
  })

  it('says what Pinpoint has to send along for it', () => {
    const read = readMapping({
      a: ['offer.manager.email', 'job.hiringManager.email'],
      b: { template: '{offer.custom["x"]}' },
      c: 'job.title',
      d: 'default',
    })
    expect(read.ok && detailsOf(read.mapping)).toEqual([
      'hiring_manager',
      'offer_attributes',
      'offer_manager',
    ])
  })

  it('is read or refused, whatever is written', () => {
    const rule = fc.oneof(
      fc.jsonValue(),
      fc.string(),
      fc.record({ from: fc.jsonValue(), otherwise: fc.jsonValue() }),
      fc.record({ template: fc.string() }),
    )
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(fc.string(), rule), fc.jsonValue()), (written) => {
        expect(typeof readMapping(written).ok).toBe('boolean')
      }),
      { numRuns: 300 },
    )
  })
})
