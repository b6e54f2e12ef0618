/** Limits and circuits as people and metrics see them, and the stores that runs use. */
import type pg from 'pg'

import type { ConnectionId } from '../../base/ids.ts'
import { addressScope, type LimitRow, readBudget } from '../../base/rate-limit.ts'
import { type DatabaseRetry, queryable } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import type { CircuitView, LimitView, Throttling, ThrottlingCounts, ThrottlingView } from '../throttling.ts'
import { createCircuitStore } from './circuits.ts'
import { createLimitStore } from './limits.ts'

export function createThrottlingStores(deps: {
  readonly pool: pg.Pool
  readonly queue: Queue
  readonly withDatabaseRetry: DatabaseRetry
}) {
  return { limits: createLimitStore(deps.pool, deps.withDatabaseRetry), circuits: createCircuitStore(deps) }
}

interface ViewedLimit extends LimitRow {
  readonly viewed_by: ConnectionId
  readonly exhausted_until: Date | null
  readonly now: Date
}

interface CircuitRow {
  readonly connection_id: ConnectionId
  readonly destination: string
  readonly code: string
  readonly reason: string
  readonly opened_at: Date
  readonly probes: number
  readonly probe_at: Date
}

export function createThrottlingView(pool: pg.Pool): ThrottlingView {
  const client = queryable(pool)
  return {
    async of(connections) {
      const limits = await client.query<ViewedLimit>(
        `select limits.*, connections.id as viewed_by, now() as now from connections
         join limits on limits.connection_id = connections.id or limits.tenant_id = connections.tenant_id or limits.scope like $2
         where connections.id = any ($1) order by limits.bucket, limits.scope`,
        [connections, addressScope('%')],
      )
      const circuits = await client.query<CircuitRow>(
        `select * from circuits where connection_id = any ($1)`,
        [connections],
      )
      return (connection): Throttling => ({
        limits: limits.rows.filter((row) => row.viewed_by === connection).map(toLimitView),
        circuit: circuits.rows.filter((row) => row.connection_id === connection).map(toCircuitView)[0],
      })
    },
    async counts() {
      const { rows } = await client.query<ThrottlingCounts>(
        `select (select count(*) from limits where exhausted_until > now()) as "exhaustedLimits",
           (select count(*) from circuits) as "openCircuits",
           (select count(*) from connections where paused_at is not null and enabled) as "pausedConnections"`,
      )
      return rows[0] ?? { exhaustedLimits: 0, openCircuits: 0, pausedConnections: 0 }
    },
  }
}

function toLimitView(row: ViewedLimit): LimitView {
  const open = readBudget(row.budget).windows.filter(({ endsAt }) => endsAt > row.now.getTime())
  const exhaustedUntil =
    row.exhausted_until !== null && row.exhausted_until > row.now ? row.exhausted_until : undefined
  return {
    bucket: row.bucket,
    countedBy: countedBy(row),
    exhaustedUntil: exhaustedUntil,
    windows: open.map(({ allowed, used, seconds, endsAt }) => ({
      allowed,
      used: Math.min(allowed, used),
      seconds,
      resetsAt: new Date(endsAt),
    })),
  }
}

function countedBy(row: LimitRow): LimitView['countedBy'] {
  if (row.connection_id !== null) return 'connection'
  return row.tenant_id === null ? 'address' : 'tenant'
}

function toCircuitView(row: CircuitRow): CircuitView {
  const { destination, code, reason, opened_at: openedAt, probes, probe_at: nextProbeAt } = row
  return { destination, code, reason, openedAt, probes, nextProbeAt }
}
