/** The simulation itself: it repeats exactly, keeps every promise over a fixed range of seeds, and notices a guard that is missing. */
import { describe, expect, it } from 'vitest'

import { simulate, type Simulated, type SimulationOptions, type Weaken } from './simulate.ts'

async function told(seed: number): Promise<string> {
  const lines: string[] = []
  await simulate(seed, { trace: (line) => lines.push(line) })
  return lines.join('\n')
}

/** The first of so many seeds in which something exists twice. */
async function firstTwin(options: SimulationOptions, seeds: number): Promise<Simulated | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    const simulated = await simulate(seed, { ...options, storm: true })
    if (simulated.broken.some((text) => / is there \d+ times|CVs of one|comments on one/.test(text))) {
      return simulated
    }
  }
  return undefined
}

describe('a seed', () => {
  it.each([1, 3, 80, 112, 262])('%i tells the same story twice, letter by letter', async (seed) => {
    const story = await told(seed)
    expect(story.length).toBeGreaterThan(1000)
    expect(await told(seed)).toBe(story)
  })

  it('is days of waiting in no time', async () => {
    const longest = await Promise.all([80, 85, 90, 95].map((seed) => simulate(seed)))
    expect(longest.every(({ broken }) => broken.length === 0)).toBe(true)
  })
})

it('every promise is kept, whatever the seed', async () => {
  const broken: Simulated[] = []
  for (let seed = 1; seed <= 60; seed++) {
    const simulated = await simulate(seed)
    if (simulated.broken.length > 0) broken.push(simulated)
  }
  expect(broken).toEqual([])
}, 120_000)

const notAnnounced: Weaken = (ports) => ({
  ...ports,
  ledger: { ...ports.ledger, attempt: async () => {} },
})

const notWaited: Weaken = (ports) => ({
  ...ports,
  ledger: {
    ...ports.ledger,
    async hold(lease, name) {
      const row = await ports.ledger.hold(lease, name)
      return 'heldBy' in row || row.attemptedAgo === undefined ? row : { ...row, attemptedAgo: 1e6 }
    },
  },
})

describe('the simulation finds a second effect when', () => {
  it.each<[string, SimulationOptions]>([
    ['a call is not written down before it is made', { weaken: notAnnounced }],
    ['nobody waits after an unclear outcome', { weaken: notWaited }],
    ['a destination acts a minute later than it may', { assumptions: { tooLate: 60_000 } }],
    ['reads lag a minute longer than declared', { assumptions: { hidden: 60_000 } }],
  ])(
    '%s',
    async (_guard, options) => {
      expect(await firstTwin(options, 300)).toBeDefined()
    },
    120_000,
  )
})
