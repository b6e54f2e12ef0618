/** What an operator should know at once: a log line at level error and a metric. Raised once for each occurrence. */
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

/** Stable: alert rules match them. */
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
