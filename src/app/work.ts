/** All that a process does beside answering: the worker, and what runs in the background. */
import type { Config } from '../config/environment.ts'
import type { Worker } from '../worker/worker.ts'
import { type Background, type BackgroundParts, openBackground } from './background.ts'
import { openOwnWorker, type WorkParts } from './working.ts'

export interface Work {
  readonly worker: Worker
  readonly background: Background
}

/** All of it or nothing: a worker that is left behind would keep alive a process that has failed to start. */
export async function openWork(
  config: Config,
  parts: WorkParts & Omit<BackgroundParts, 'address'>,
): Promise<Work> {
  const worker = await openOwnWorker(config, parts)
  try {
    return { worker, background: await openBackground({ ...parts, address: config.egressName }) }
  } catch (error) {
    await worker.stop(0)
    throw error
  }
}
