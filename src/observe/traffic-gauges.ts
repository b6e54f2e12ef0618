/** Gauges of what holds runs up, read from the database when somebody scrapes: every process tells the same. */
import { Gauge, type Registry } from 'prom-client'

import { type Log, safeError } from './log.ts'

export interface HeldUp {
  readonly restingLimits: number
  readonly openCircuits: number
  readonly pausedConnections: number
}

export interface TrafficSource {
  readonly read: () => Promise<HeldUp>
  readonly log: Log
}

export function addTrafficGauges(registry: Registry, source: TrafficSource | undefined): void {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] })
  const resting = gauge('pinpoint_webhooks_resting_limits', 'Rate limits that let nothing through now')
  const circuits = gauge(
    'pinpoint_webhooks_open_circuits',
    'Connections left alone: the destination keeps failing',
  )
  const paused = new Gauge({
    name: 'pinpoint_webhooks_paused_connections',
    help: 'Enabled connections that are paused until a person mends them',
    registers: [registry],
    async collect() {
      if (source === undefined) return
      const { read, log } = source
      try {
        const counts = await read()
        resting.set(counts.restingLimits)
        circuits.set(counts.openCircuits)
        paused.set(counts.pausedConnections)
      } catch (error) {
        // The other metrics are wanted most when the database is away; these keep their last values.
        log.warn(safeError(error), 'limits and circuits not read for metrics')
      }
    },
  })
}
