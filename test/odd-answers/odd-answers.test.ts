// Whatever the outside answers: nothing is lost, made twice or put on another's record, every wait ends, and nothing personal is told.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type OddAnswer, oddBytes, oddMembers, oddRefusals } from './answers.ts'
import { playOdd } from './play.ts'

it.each(['nobody', 'theirs'] as const)(
  'a hire of which nothing is odd is done (%s is there)',
  async (there) => {
    expect(await playOdd(undefined, there)).toMatchObject({
      broken: [],
      state: 'done',
      hours: expect.closeTo(0, 1) as number,
    })
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
    await holds(await oddMembers(), 40)
  }, 120_000)

  it('an answer is packed, marked, cut in half, or a page', () => holds(oddBytes, 25), 120_000)

  it('a refusal says what no refusal has said', () => holds(oddRefusals, 25), 120_000)
})
