/** The harm itself: an error, connections that are gone, a process that is gone. */
import { openPool } from '../../src/postgres/database.ts'
import type { Reached } from './reach.ts'

/** An accident that no code expects: out of memory, a bug, a full disk. */
export class CrashReached extends Error {
  override readonly name = 'CrashReached'
}

export function throwAt({ point }: Reached): never {
  throw new CrashReached(`planned crash at ${point}`)
}

/** Nothing runs after this line: no finally, no rollback, no goodbye to the server. */
export function killAt(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}

export interface ConnectionKiller {
  /** Remembers a connection of the service by its process in the server. */
  readonly opened: (pid: number) => void
  readonly harm: (at: Reached) => Promise<void>
  close(): Promise<void>
}

/** As after a failover: every connection of the service is ended by the server, the one it listens on, too. */
export function openConnectionKiller(databaseUrl: string): ConnectionKiller {
  const admin = openPool(databaseUrl, 1)
  let pids: number[] = []
  return {
    opened: (pid) => void pids.push(pid),
    async harm({ moment, level, boundary }) {
      const killed = pids
      pids = []
      await admin.query(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity
         where pid = any ($1) or (datname = current_database() and application_name = 'pinpoint-webhooks listener')`,
        [killed],
      )
      // What the driver says to a caller whose statement was done and whose answer was on its way.
      const taken = boundary === 'queue.fetch' || boundary === 'sweeps.claim'
      const answerLost = level === 'statement' || (taken && moment === 'after')
      if (answerLost) throw new Error('Connection terminated unexpectedly')
    },
    close: () => admin.end(),
  }
}
