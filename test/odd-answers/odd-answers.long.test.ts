// Whatever the outside answers: nothing is lost, made twice or put on another's record, every wait ends, and nothing personal is told.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { goesByEmailAlone } from '../simulation/mutants.ts'
import { type OddAnswer, oddBytes, oddMembers, oddRefusals } from './answers.ts'
import { playOdd } from './play.ts'

it.each([
  ['nobody', { state: 'done' }],
  ['theirs', { state: 'done' }],
  ['other', { state: 'parked', code: 'hibob.other_employee' }],
] as const)('a hire of which nothing is odd is as it should be (there: %s)', async (there, first) => {
  expect(await playOdd(undefined, there)).toMatchObject({ ...first, broken: [] })
})

it('an integration that takes whoever has the e-mail is noticed', async () => {
  const { broken } = await playOdd(undefined, 'other', { integrations: goesByEmailAlone })
  expect(broken).toContainEqual(
    expect.stringMatching(/^wrong person: document \d+ is in somebody else's file$/),
  )
})

it.each([{ status: 500 }, { malformed: true as const }, { html: true as const }])(
  'lists that HiBob answers with %j for ever cost a quarter of an hour and the title, not the hire',
  async (effect) => {
    const lists = { system: 'hibob', operation: 'lists.get', times: 'always', effect } as const
    const { state, broken, hours } = await playOdd(lists, 'nobody')
    expect({ state, broken }).toEqual({ state: 'done', broken: [] })
    expect(hours).toBeLessThan(1)
  },
)

// More of them with every `npm run simulate`.
describe('every promise is kept, and what is lost for the moment is done once the answers are right, when', () => {
  const holds = (odd: fc.Arbitrary<OddAnswer>, numRuns: number) =>
    fc.assert(
      fc.asyncProperty(odd, async ({ there, ...fault }) => {
        expect((await playOdd(fault, there)).broken).toEqual([])
      }),
      { numRuns },
    )

  it('a member of an answer is something else', async () => {
    await holds(await oddMembers(), 150)
  }, 120_000)

  it('an answer is packed, marked, cut in half, or a page', () => holds(oddBytes, 60), 120_000)

  it('a refusal says what no refusal has said', () => holds(oddRefusals, 60), 120_000)
})
