/** Gauges of the current work. Every process reports the same numbers: take the maximum, never the sum. */
import { Gauge, type Registry } from 'prom-client'

export interface Backlog {
  /** Runs that have not ended. */
  readonly runs: Readonly<Record<'queued' | 'running' | 'waiting' | 'parked', number>>
  /** Runs that a worker could take now. */
  readonly due: number
  /** For how long the run that waits longest has been due; 0 when none is due. */
  readonly oldestDueSeconds: number
  /** Acknowledged events that are not dispatched yet. */
  readonly inbox: number
  /** How long ago the oldest of these events arrived; 0 when there is none. */
  readonly oldestArrivalSeconds: number
  /** Acknowledged events that are dispatched later: their tenant is over its quota. Not in the inbox. Counted up to 100,000. */
  readonly deferred: number
  readonly tenantsOverQuota: number
  /** When the newest event arrived by webhook. Undefined: none has. */
  readonly lastWebhookAt: Date | undefined
}

/** Undefined when unknown; then the series are missing rather than outdated. */
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
    help: 'How long the run that waits longest has been due (0: none is due); the same from every process',
    of: ({ oldestDueSeconds }) => oldestDueSeconds,
  },
  {
    name: 'pinpoint_webhooks_inbox_events',
    help: 'Acknowledged events that are not dispatched yet, usually for milliseconds; the same from every process',
    of: ({ inbox }) => inbox,
  },
  {
    name: 'pinpoint_webhooks_oldest_inbox_event_seconds',
    help: 'How long ago the oldest event of the inbox arrived (0: none); the same from every process',
    of: ({ oldestArrivalSeconds }) => oldestArrivalSeconds,
  },
  {
    name: 'pinpoint_webhooks_deferred_events',
    help: 'Acknowledged events that are dispatched later, since their tenant is over its quota (counted up to 100,000); the same from every process',
    of: ({ deferred }) => deferred,
  },
  {
    name: 'pinpoint_webhooks_tenants_over_quota',
    help: 'Tenants that are over their quota; the same from every process',
    of: ({ tenantsOverQuota }) => tenantsOverQuota,
  },
  {
    name: 'pinpoint_webhooks_last_webhook_timestamp_seconds',
    help: 'Unix time at which the newest event of any tenant arrived by webhook (missing: none has); the same from every process',
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
      // After the await and in one step: another scrape may read in between.
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
        // `reset` would leave a 0, which means that all is well.
        else this.remove()
      },
    })
  }
}
