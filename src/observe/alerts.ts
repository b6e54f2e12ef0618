/** What an operator should hear of at once: a line at level error and a metric. Raised once for each thing that happened. */
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

/** Stable: people's alert rules match them. */
export const alertMessages = {
  connection_paused: 'connection paused: nothing is sent until a person mends it',
  circuit_opened: 'circuit opened: the destination keeps failing',
  circuit_closed: 'circuit closed: the destination answers again',
} as const

export type AlertKind = keyof typeof alertMessages

export interface Alerts {
  /** Fields are ids, codes and counts. */
  raise(kind: AlertKind, fields: object): void
}

export function createAlerts(log: Log, { alerts }: Pick<Metrics, 'alerts'>): Alerts {
  return {
    raise(kind, fields) {
      alerts.inc({ kind })
      log.error({ alert: kind, ...fields }, alertMessages[kind])
    },
  }
}
