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
  /** When the newest event came by webhook. Undefined: none ever has. */
  readonly lastWebhookAt: Date | undefined
}

/** Undefined when it is not known; then the series are missing rather than old. */
export type ReadBacklog = () => Promise<Backlog | undefined>

interface NumberGauge {
  readonly name: string
  readonly help: string
  readonly of: (backlog: Backlog) => number | undefined
}

const numbers: readonly NumberGauge[] = [
  {
    name: 'pinpoint_webhooks_due_runs',
    help: 'Runs that a worker could take now; the same from every process',
    of: ({ due }) => due,
  },
  {
    name: 'pinpoint_webhooks_oldest_due_run_seconds',
    help: 'How long the run that waits longest could have been taken (0: none is due); the same from every process',
    of: ({ oldestDueSeconds }) => oldestDueSeconds,
  },
  {
    name: 'pinpoint_webhooks_inbox_events',
    help: 'Acknowledged events whose runs have not begun, usually for milliseconds; the same from every process',
    of: ({ inbox }) => inbox,
  },
  {
    name: 'pinpoint_webhooks_oldest_inbox_event_seconds',
    help: 'How long ago the oldest of them came (0: there is none); the same from every process',
    of: ({ oldestArrivalSeconds }) => oldestArrivalSeconds,
  },
  {
    name: 'pinpoint_webhooks_deferred_events',
    help: 'Acknowledged events whose runs begin later, since their tenant is over its quota (counted up to 100,000); the same from every process',
    of: ({ deferred }) => deferred,
  },
  {
    name: 'pinpoint_webhooks_tenants_over_quota',
    help: 'Tenants of which more has come than may be under way; the same from every process',
    of: ({ tenantsOverQuota }) => tenantsOverQuota,
  },
  {
    name: 'pinpoint_webhooks_last_webhook_timestamp_seconds',
    help: 'Unix time at which the newest event came by webhook, of whatever tenant (missing: none ever has); the same from every process',
    of: ({ lastWebhookAt }) => lastWebhookAt && lastWebhookAt.getTime() / 1000,
  },
]

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
  for (const { name, help, of } of numbers) {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const backlog = await read()
        const value = backlog && of(backlog)
        if (value !== undefined) this.set(value)
        // `reset` would leave a 0, which says that all is well.
        else this.remove()
      },
    })
  }
}
