/** Gauges of the work that there is. Every process reports the same numbers: take the maximum, never the sum. */
import { Gauge, type Registry } from 'prom-client'

export interface Backlog {
  /** Runs that have not ended. */
  readonly runs: Readonly<Record<'queued' | 'running' | 'waiting' | 'parked', number>>
  /** Runs that a worker could take now. */
  readonly due: number
  /** How long the one that waits longest could have been taken; 0 when none is due. */
  readonly oldestDueSeconds: number
  /** Acknowledged events whose runs have not begun. */
  readonly inbox: number
  /** How long ago the oldest of them came; 0 when there is none. */
  readonly oldestArrivalSeconds: number
  /** Acknowledged events that begin later: their tenant is over its quota. No inbox. Counted up to 100,000. */
  readonly deferred: number
  readonly tenantsOverQuota: number
}

/** Undefined when it is not known; then the series are missing rather than old. */
export type ReadBacklog = () => Promise<Backlog | undefined>

export function addBacklogGauges(registry: Registry, read: ReadBacklog): void {
  const registers = [registry]
  new Gauge({
    name: 'pinpoint_webhooks_unfinished_runs',
    help: 'Runs that have not ended, by state; the same from every process',
    labelNames: ['state'],
    registers,
    async collect() {
      const backlog = await read()
      // After the wait and at one go: another scrape may read in between.
      this.reset()
      for (const [state, runs] of Object.entries(backlog?.runs ?? {})) this.set({ state }, runs)
    },
  })
  addNumber({
    name: 'pinpoint_webhooks_due_runs',
    help: 'Runs that a worker could take now; the same from every process',
    of: ({ due }) => due,
  })
  addNumber({
    name: 'pinpoint_webhooks_oldest_due_run_seconds',
    help: 'How long the run that waits longest could have been taken (0: none is due); the same from every process',
    of: ({ oldestDueSeconds }) => oldestDueSeconds,
  })
  addNumber({
    name: 'pinpoint_webhooks_inbox_events',
    help: 'Acknowledged events whose runs have not begun, usually for milliseconds; the same from every process',
    of: ({ inbox }) => inbox,
  })
  addNumber({
    name: 'pinpoint_webhooks_oldest_inbox_event_seconds',
    help: 'How long ago the oldest of them came (0: there is none); the same from every process',
    of: ({ oldestArrivalSeconds }) => oldestArrivalSeconds,
  })
  addNumber({
    name: 'pinpoint_webhooks_deferred_events',
    help: 'Acknowledged events whose runs begin later, since their tenant is over its quota (counted up to 100,000); the same from every process',
    of: ({ deferred }) => deferred,
  })
  addNumber({
    name: 'pinpoint_webhooks_tenants_over_quota',
    help: 'Tenants of which more has come than may be under way; the same from every process',
    of: ({ tenantsOverQuota }) => tenantsOverQuota,
  })

  function addNumber({ name, help, of }: { name: string; help: string; of: (backlog: Backlog) => number }) {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const backlog = await read()
        if (backlog !== undefined) this.set(of(backlog))
        // `reset` would leave a 0, which says that all is well.
        else this.remove()
      },
    })
  }
}
