/** Simulates the seeds it is sent, one after the other, and after each plays an odd answer of the same seed. */
import { parentPort } from 'node:worker_threads'

import { openOddSeeds } from '../../test/odd-answers/seeds.ts'
import { simulate } from '../../test/simulation/simulate.ts'

const odd = openOddSeeds()

async function play(seed: number): Promise<void> {
  const simulated = await simulate(seed)
  const broken = [...simulated.broken, ...(await (await odd)(seed))]
  parentPort?.postMessage({ ...simulated, broken })
}

parentPort?.on('message', (seed: number) => void play(seed))
