/** The simulation notices who is taken for somebody else: one integration after the other that goes by too little. */
import { expect, it } from 'vitest'

import type { Integration } from '../../src/sdk/integration.ts'
import * as mutants from './mutants.ts'
import { simulate } from './simulate.ts'

/** What the first of so many seeds tells that this breaks. */
async function firstBroken(integrations: readonly Integration[], what: RegExp, seeds = 150): Promise<string> {
  for (let seed = 1; seed <= seeds; seed++) {
    const { broken } = await simulate(seed, { integrations, calm: true })
    const found = broken.find((text) => what.test(text))
    if (found !== undefined) return found
  }
  return `nothing in ${seeds} seeds`
}

const wrongPerson = /^wrong person: comment \d+ names somebody else's record$/
const undecided = (danger: string) => new RegExp(`^\\d+ \\(${danger}\\) is done, and nobody has decided`)

it('the shipped one takes nobody for another, makes nobody twice, and leaves to people what only they can decide', async () => {
  const broken: string[] = []
  for (let seed = 1; seed <= 60; seed++) broken.push(...(await simulate(seed, { calm: true })).broken)
  expect(broken).toEqual([])
}, 60_000)

it.each<[string, readonly Integration[], RegExp]>([
  ['goes by the e-mail alone', mutants.goesByEmailAlone, wrongPerson],
  ['goes by e-mail and surname', mutants.goesBySurname, wrongPerson],
  [
    'takes the ledger’s row of another application without reading the record',
    mutants.takesTheLedgersWord,
    wrongPerson,
  ],
  [
    'goes by the e-mail for another application',
    mutants.forgetsOtherApplications,
    /: 2 employees of one person$/,
  ],
  ['takes whoever has left', mutants.takesLeavers, undecided('has left')],
  ['overlooks that the candidate is internal', mutants.overlooksInternal, undecided('internal')],
])(
  'is noticed when it %s',
  async (_mutant, integrations, what) => {
    expect(await firstBroken(integrations, what)).toMatch(what)
  },
  120_000,
)
