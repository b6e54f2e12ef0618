/** `ensure`, take-over and the turns of runs, followed through everything that can happen to them in a small world. */
import { describe, expect, it } from 'vitest'

import type { Ledger } from '../../src/runs/ports.ts'
import { mostMakes } from '../../src/runs/retry-policy.ts'
import { type Ended, live, type WorldRules } from './ensure-world.ts'
import { explore } from './explore.ts'

const employee = { unique: true, lagSeconds: 20, obeysDeadline: true } as const
const document = { unique: false, lagSeconds: 20, obeysDeadline: true } as const
const small = { runs: 1, accidents: 1, troubles: 1, pauses: 2 } as const

const without = (change: (ledger: Ledger) => Partial<Ledger>) => (ledger: Ledger) => ({
  ...ledger,
  ...change(ledger),
})

const forgetsAnnounced = (ledger: Ledger): Partial<Ledger> => ({
  hold: async (...given) => ({ ...(await ledger.hold(...given)), announced: false }),
})

async function everyEnd(rules: WorldRules) {
  const ends: Ended[] = []
  const explored = await explore(
    async (chooser) => {
      const end = await live(rules, chooser)
      if (end !== undefined) ends.push(end)
    },
    { mostWays: 2_000_000 },
  )
  return { ...explored, ends }
}

/** Ends at the first way on which there are two. */
async function findsTwo(rules: WorldRules): Promise<boolean> {
  class Two extends Error {}
  try {
    await explore(
      async (chooser) => {
        if (((await live(rules, chooser))?.things ?? 0) > 1) throw new Two()
      },
      { mostWays: 2_000_000 },
    )
    return false
  } catch (error) {
    if (error instanceof Two) return true
    throw error
  }
}

describe('at most one, and every run ends', () => {
  it.each([
    ['one run of a document, two accidents', { ...document, ...small, accidents: 2, pauses: 1 }],
    ['one run of a document, two lost answers', { ...document, ...small, troubles: 2 }],
    ['one run of an employee, whom a person makes meanwhile', { ...employee, ...small, byHand: 1 }],
    ['two runs about one document', { ...document, ...small, runs: 2, pauses: 1 }],
    ['one run of a document, known not to be there at first', { ...document, ...small, knowsFirst: true }],
    ['one run of a document that is refused in its first way', { ...document, ...small, refusesFirst: true }],
    ['two runs of one such document', { ...document, ...small, runs: 2, pauses: 0, knowsFirst: true }],
  ] satisfies [string, WorldRules][])(
    '%s',
    async (what, rules) => {
      const { ways, states, ends } = await everyEnd(rules)
      process.stdout.write(`${what}: ${states} states, ${ways} ways\n`)
      expect(ends.length).toBeGreaterThan(0)
      expect(ends.filter(({ things }) => things !== 1)).toEqual([])
      expect(new Set(ends.flatMap(({ states }) => states))).toEqual(new Set(['done']))
    },
    120_000,
  )
})

const endless = { accidents: 1, troubles: 0, pauses: 0, runs: 1 } as const
const failing = [
  ['no call that makes it is answered', { ...document, ...endless, endless: 'no answer' }, 'model.unclear'],
  [
    'each call that makes it is refused',
    { ...document, ...endless, accidents: 0, endless: 'refused' },
    'model.refused',
  ],
  [
    'it tells a limit whenever it is asked',
    { ...document, ...endless, accidents: 0, endless: 'limited' },
    'model.limited',
  ],
  [
    'two runs ask, of which no call is answered',
    { ...document, ...endless, accidents: 0, runs: 2, endless: 'no answer' },
    'model.unclear',
  ],
] as const satisfies readonly (readonly [string, WorldRules, string])[]

/** Parked within three days, with at most nine calls that nobody knows the outcome of, and told what went wrong in the end. */
function wellParked({ states, settlements, hours, asked }: Ended, rules: WorldRules, code: string): boolean {
  // Where a worker was killed in its last call, what that call came to is what nobody knows.
  const last = rules.accidents > 0 ? [code, 'runs.outcome_unclear'] : [code]
  const told = settlements.every(
    (end) => end?.state === 'parked' && last.some((one) => end.reason.includes(one)),
  )
  const calls = rules.endless === 'no answer' ? asked <= mostMakes * rules.runs : true
  return new Set(states).size === 1 && told && calls && hours <= 72.5 * rules.runs
}

describe('a destination that fails for ever (W2)', () => {
  it.each(failing)(
    '%s: every run parks in time and says why',
    async (_what, rules, code) => {
      const { ends } = await everyEnd(rules)
      expect(ends.length).toBeGreaterThan(0)
      expect(ends.filter((end) => !wellParked(end, rules, code))).toEqual([])
    },
    120_000,
  )

  it('is noticed by the model when a wait is never counted', async () => {
    const rules = { ...document, ...endless, accidents: 0, endless: 'limited', countsWaits: false } as const
    await expect(everyEnd(rules)).rejects.toThrow('a run goes on for ever')
  })

  it('is noticed by the model when calls without an answer are not counted', async () => {
    const uncounted = (ledger: Ledger): Partial<Ledger> => ({
      hold: async (...given) => ({ ...(await ledger.hold(...given)), makes: 0 }),
    })
    const rules = {
      ...document,
      ...endless,
      accidents: 0,
      endless: 'no answer',
      weaken: without(uncounted),
    } as const
    await expect(everyEnd(rules)).rejects.toThrow('a run goes on for ever')
  })
})

describe('the model notices when a guard is taken out', () => {
  it.each([
    [
      'the call is not announced before it is made',
      { ...document, ...small, weaken: without(() => ({ attempt: async () => {} })) },
    ],
    ['a worker sends however late', { ...document, ...small, troubles: 0, obeysDeadline: false }],
    ['a worker that was taken over still writes', { ...document, ...small, fenced: false }],
    ['a call within `make` is repeated at once', { ...document, ...small, repeatsMake: true }],
    ['nobody looks first', { ...document, ...small, looks: false }],
    [
      'what was known at first is believed after a call was announced',
      { ...document, ...small, knowsFirst: true, weaken: without(forgetsAnnounced) },
    ],
    ['reads lag longer than declared', { ...document, ...small, declaredLagSeconds: 0 }],
  ] satisfies [string, WorldRules][])('%s', async (_what, rules) => {
    expect(await findsTwo(rules)).toBe(true)
  })
})
