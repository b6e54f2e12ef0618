/** Gauges of what holds runs up, read from the database at each scrape: every process reports the same. */
import { Gauge, type Registry } from 'prom-client'

import { type Log, safeError } from './log.ts'

export interface HeldUp {
  readonly exhaustedLimits: number
  readonly openCircuits: number
  readonly pausedConnections: number
}

export interface ThrottlingSource {
  readonly read: () => Promise<HeldUp>
  readonly log: Log
}

export function addThrottlingGauges(registry: Registry, source: ThrottlingSource | undefined): void {
  let reading: Promise<HeldUp | undefined> | undefined
  /** All gauges are collected at once and share one read. */
  const read = () => (reading ??= readOnce(source).finally(() => (reading = undefined)))
  for (const { key, name, help } of gauges) {
    new Gauge({
      name: `pinpoint_webhooks_${name}`,
      help,
      registers: [registry],
      async collect() {
        const counts = await read()
        if (counts !== undefined) this.set(counts[key])
      },
    })
  }
}

async function readOnce(source: ThrottlingSource | undefined): Promise<HeldUp | undefined> {
  try {
    return await source?.read()
  } catch (error) {
    // The other metrics are most needed while the database is away; these keep their last values.
    source?.log.warn(safeError(error), 'limits and circuits not read for metrics')
    return undefined
  }
}

const gauges: readonly { readonly key: keyof HeldUp; readonly name: string; readonly help: string }[] = [
  { key: 'exhaustedLimits', name: 'exhausted_limits', help: 'Rate limits that allow no call now' },
  {
    key: 'openCircuits',
    name: 'open_circuits',
    help: 'Connections with an open circuit: the destination keeps failing',
  },
  {
    key: 'pausedConnections',
    name: 'paused_connections',
    help: 'Enabled connections that are paused until a person mends them',
  },
]
