/** Prometheus metrics. Labels are ids and outcomes from short closed lists, never data of tenants or people. */
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'

import { addBacklogGauges, type ReadBacklog } from './backlog.ts'
import { addNoticesGauge, type ReadNotices } from './notices-gauge.ts'
import { addThrottlingGauges, type ThrottlingSource } from './throttling-gauges.ts'

export interface Metrics {
  readonly registry: Registry
  readonly deliveries: Counter<'outcome'>
  readonly quarantined: Counter<'outcome'>
  readonly signatureAlarms: Counter
  readonly settledRuns: Counter<'integration' | 'state'>
  readonly rechecks: Counter<'what' | 'outcome'>
  readonly alerts: Counter<'kind'>
  readonly sweeps: Counter<'state'>
  readonly missedHires: Counter
  readonly restartedHires: Counter
  readonly pruned: Counter<'what'>
  readonly outboundCalls: Counter<'destination' | 'operation' | 'answer'>
  readonly outboundSeconds: Histogram<'destination' | 'bucket' | 'status'>
  readonly repeatedReads: Counter<'destination' | 'bucket'>
  /** Sets the source of the notices gauge. */
  readonly readNotices: (read: ReadNotices) => void
}

/** What gauges read at each scrape. Unset: their series are missing. */
export interface MetricSources {
  readonly backlog?: ReadBacklog
  readonly throttling?: ThrottlingSource
}

export function createMetrics({ backlog, throttling }: MetricSources = {}): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  addBacklogGauges(registry, backlog ?? (async () => undefined))
  addThrottlingGauges(registry, throttling)
  return {
    registry,
    readNotices: addNoticesGauge(registry),
    ...counters(registry),
    outboundCalls: new Counter({
      name: 'pinpoint_webhooks_outbound_calls_total',
      help: 'Calls to the outside by destination, operation and answer: 2xx, 3xx, 4xx, 429, 5xx, or none',
      labelNames: ['destination', 'operation', 'answer'],
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

function counters(
  registry: Registry,
): Omit<Metrics, 'registry' | 'readNotices' | 'outboundCalls' | 'outboundSeconds'> {
  return {
    deliveries: new Counter({
      name: 'pinpoint_webhooks_deliveries_total',
      help: 'Deliveries by outcome: stored, duplicate, stale, expired, or why they were refused',
      labelNames: ['outcome'],
      registers: [registry],
    }),
    quarantined: new Counter({
      name: 'pinpoint_webhooks_quarantine_total',
      help: 'Deliveries with a wrong signature by what became of them: kept, again (stored before), or why they were dropped',
      labelNames: ['outcome'],
      registers: [registry],
    }),
    signatureAlarms: new Counter({
      name: 'pinpoint_webhooks_signature_alarms_total',
      help: 'Times that the signatures of a tenant began to fail: its signing secret was probably changed',
      registers: [registry],
    }),
    settledRuns: new Counter({
      name: 'pinpoint_webhooks_attempts_total',
      help: 'Attempts of runs by integration and the state they ended in',
      labelNames: ['integration', 'state'],
      registers: [registry],
    }),
    rechecks: new Counter({
      name: 'pinpoint_webhooks_rechecks_total',
      help: 'Rechecks of what runs wait for (record, destination, hired) by outcome: unchanged, resumed, …',
      labelNames: ['what', 'outcome'],
      registers: [registry],
    }),
    repeatedReads: new Counter({
      name: 'pinpoint_webhooks_repeated_reads_total',
      help: 'Reads that had failed a moment before and were repeated, by destination and rate-limit bucket',
      labelNames: ['destination', 'bucket'],
      registers: [registry],
    }),
    ...sweepCounters(registry),
    pruned: new Counter({
      name: 'pinpoint_webhooks_pruned_total',
      help: 'Finished work deleted because of its age, by what: events or runs',
      labelNames: ['what'],
      registers: [registry],
    }),
    alerts: new Counter({
      name: 'pinpoint_webhooks_alerts_total',
      help: 'Alerts by kind: connection_paused, circuit_opened, circuit_closed',
      labelNames: ['kind'],
      registers: [registry],
    }),
  }
}

function sweepCounters(registry: Registry): Pick<Metrics, 'sweeps' | 'missedHires' | 'restartedHires'> {
  return {
    sweeps: new Counter({
      name: 'pinpoint_webhooks_sweeps_total',
      help: 'Sweeps that have ended, by how: done or failed',
      labelNames: ['state'],
      registers: [registry],
    }),
    missedHires: new Counter({
      name: 'pinpoint_webhooks_missed_hires_total',
      help: 'Hires without a webhook that scheduled sweeps found',
      registers: [registry],
    }),
    restartedHires: new Counter({
      name: 'pinpoint_webhooks_restarted_hires_total',
      help: 'Hires that scheduled sweeps restarted, since their runs had ended before Pinpoint showed them as hired',
      registers: [registry],
    }),
  }
}
