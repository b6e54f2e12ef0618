/** What a process that works does beside runs: sweeps, looks at what parked runs wait for, and pruning of what has long been finished. */
import type { Sealer } from '../base/seal.ts'
import type { Database } from '../embedded-postgres/database.ts'
import type { Quotas } from '../intake/ports.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { startPruner } from '../privacy/pruner.ts'
import type { Queue } from '../queue/store/queue.ts'
import { looksChannel } from '../runs/store/watches.ts'
import type { SweepSchedule } from '../sweeps/ports.ts'
import type { Seams } from './decorate-ports.ts'
import { openLifter } from './parking.ts'
import { prunerDeps } from './pruning.ts'
import { openSweeper } from './sweeping.ts'

export interface Background {
  /** Notifications that it wants to be told of. */
  readonly channels: Readonly<Record<string, () => void>>
  stop(graceSeconds: number): Promise<void>
}

export interface BackgroundParts {
  /** Names the IP address that this process calls from. */
  readonly address: string
  readonly store: {
    readonly database: Database
    readonly queue: Queue
    readonly sealer: Sealer
    readonly hashKey: Buffer
    readonly quotas: Quotas
    readonly sweeps: SweepSchedule
  }
  readonly outbound: Outbound
  readonly metrics: Metrics
  readonly log: Log
  readonly seams?: Seams
}

export async function openBackground(parts: BackgroundParts): Promise<Background> {
  // First what can fail: whatever is started must be stopped by somebody.
  const lifter = await openLifter(parts)
  const sweeper = openSweeper(parts)
  const pruner = startPruner(prunerDeps(parts))
  return {
    channels: { [looksChannel]: () => lifter.wake() },
    async stop(graceSeconds) {
      await Promise.all([sweeper.stop(graceSeconds), lifter.stop(graceSeconds), pruner.stop(graceSeconds)])
    },
  }
}
