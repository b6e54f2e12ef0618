/** Simulates the seeds it is sent, one after the other. */
import { parentPort } from 'node:worker_threads'

import { simulate } from '../../test/simulation/simulate.ts'

parentPort?.on('message', (seed: number) => {
  void simulate(seed).then((simulated) => parentPort?.postMessage(simulated))
})
