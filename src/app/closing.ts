/** Closes the parts of a service, each before what it needs. */
import type { Loop } from '../base/loop.ts'
import type { Beginner } from '../dispatch/dispatcher.ts'
import type { Outbound } from '../outbound/outbound.ts'
import type { OpenQuarantine } from '../quarantine/quarantine.ts'
import type { Worker } from '../worker/worker.ts'
import type { Background } from './background.ts'

interface ClosingParts {
  readonly beginner: Beginner
  readonly quarantine: OpenQuarantine
  readonly worker: Worker | undefined
  readonly background: Background | undefined
  readonly listener: Loop
  readonly outbound: Outbound
  readonly store: { close(): Promise<void> }
}

/** To be called once nothing more comes in. */
export function closing(parts: ClosingParts, graceSeconds: number): () => Promise<void> {
  return async () => {
    await Promise.all([parts.quarantine.close(), parts.beginner.stop()])
    await Promise.all([parts.worker?.stop(graceSeconds), parts.background?.stop(graceSeconds)])
    await parts.listener.stop()
    await parts.outbound.close()
    await parts.store.close()
  }
}
