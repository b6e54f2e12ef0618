/** One odd answer for each seed, for the simulation that runs as long as it is let. */
import fc from 'fast-check'

import { oddBytes, oddMembers, oddRefusals } from './answers.ts'
import { playOdd } from './play.ts'

/** The promises that were broken, each with the answer that broke it. */
export async function openOddSeeds(): Promise<(seed: number) => Promise<readonly string[]>> {
  const all = fc.oneof(await oddMembers(), oddBytes, oddRefusals)
  return async (seed) => {
    const broken: string[] = []
    for (const { there, ...odd } of fc.sample(all, { seed, numRuns: 1 })) {
      const played = await playOdd(odd, there)
      broken.push(...played.broken.map((text) => `${text} (${there} is there, ${JSON.stringify(odd)})`))
    }
    return broken
  }
}
