/** Prometheus metrics. Labels are ids and outcomes from short closed lists, never tenants' or people's data. */
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'

import { addBacklogGauges, type ReadBacklog } from './backlog.ts'
import { addTrafficGauges, type TrafficSource } from './traffic-gauges.ts'

export interface Metrics {
  readonly registry: Registry
  readonly deliveries: Counter<'outcome'>
  readonly settledRuns: Counter<'integration' | 'state'>
  readonly alerts: Counter<'kind'>
  readonly sweeps: Counter<'state'>
  readonly missedHires: Counter
  readonly outboundSeconds: Histogram<'destination' | 'bucket' | 'status'>
}

/** What gauges read at each scrape. Unset: their series are missing. */
export interface MetricSources {
  readonly backlog?: ReadBacklog
  readonly traffic?: TrafficSource
}

export function createMetrics({ backlog, traffic }: MetricSources = {}): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  addBacklogGauges(registry, backlog ?? (async () => undefined))
  addTrafficGauges(registry, traffic)
  return {
    registry,
    deliveries: new Counter({
      name: 'pinpoint_webhooks_deliveries_total',
      help: 'Deliveries by outcome: stored, duplicate, or why they were refused',
      labelNames: ['outcome'],
      registers: [registry],
    }),
    settledRuns: new Counter({
      name: 'pinpoint_webhooks_tries_total',
      help: 'Tries of runs by integration and the state they ended in',
      labelNames: ['integration', 'state'],
      registers: [registry],
    }),
    sweeps: new Counter({
      name: 'pinpoint_webhooks_sweeps_total',
      help: 'Sweeps that have ended, by how: done or failed',
      labelNames: ['state'],
      registers: [registry],
    }),
    missedHires: new Counter({
      name: 'pinpoint_webhooks_missed_hires_total',
      help: 'Hires that sweeps of the schedule found and whose webhook never came',
      registers: [registry],
    }),
    alerts: new Counter({
      name: 'pinpoint_webhooks_alerts_total',
      help: 'Alerts by kind: connection_paused, circuit_opened, circuit_closed',
      labelNames: ['kind'],
      registers: [registry],
    }),
    outboundSeconds: new Histogram({
      name: 'pinpoint_webhooks_outbound_seconds',
      help: 'Calls to the outside by destination, rate-limit bucket and status (0: no answer)',
      labelNames: ['destination', 'bucket', 'status'],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers: [registry],
    }),
  }
}
