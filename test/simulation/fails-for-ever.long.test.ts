// A destination that fails for ever: nobody waits for it longer than three days, and it is not asked for a thing again and again.
import { expect, it } from 'vitest'

import { mostMakes } from '../../src/runs/retry-policy.ts'
import { simulate, type SimulationOptions } from './simulate.ts'

const seeds = Array.from({ length: 6 }, (_, index) => index + 1)

/** What is sent to make an employee or a comment, while it fails. */
async function played(seed: number, endless: NonNullable<SimulationOptions['endless']>) {
  let makes = 0
  const { broken, runs } = await simulate(seed, {
    endless,
    trace: (line) => {
      if (/POST \/\S*\/(people|comments) \(.*503/.test(line)) makes++
    },
  })
  return { broken, runs, makes }
}

it.each<[string, NonNullable<SimulationOptions['endless']>]>([
  ['HiBob', { system: 'hibob' }],
  ['Pinpoint', { system: 'pinpoint' }],
  ['whatever HiBob is to make', { system: 'hibob', onlyMakes: true }],
  ['whatever Pinpoint is to make', { system: 'pinpoint', onlyMakes: true }],
])(
  '%s fails for ever: every run gives up in time, and is done once it is well again (W2)',
  async (_what, endless) => {
    for (const seed of seeds) {
      const { broken, runs, makes } = await played(seed, endless)
      expect({ seed, broken }).toEqual({ seed, broken: [] })
      if (endless.onlyMakes === true) expect(makes).toBeGreaterThan(0)
      expect(makes).toBeLessThanOrEqual(mostMakes * runs)
    }
  },
  120_000,
)
