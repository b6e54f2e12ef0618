/** Limits in Postgres: one row each, changed by compare-and-swap, one round trip whether it succeeds or not. */
import type pg from 'pg'

import type { TenantId } from '../../base/ids.ts'
import {
  addressScope,
  type KnownLimit,
  type LimitKey,
  type LimitRow,
  toKnownLimit,
  unknownBudget,
} from '../../base/rate-limit.ts'
import { type DatabaseRetry, queryable } from '../../postgres/transaction.ts'
import type { LimitStore } from '../ports.ts'

/**
 * `written` sees the table as it was before the statement, so the stored row is returned only if nothing was
 * written. A row that another transaction inserted at the same time is invisible to both: then no row comes
 * back, and the caller asks again.
 */
const swapSql = `
  with written as (
    insert into limits (scope, bucket, connection_id, tenant_id, version, budget, exhausted_until)
    select $1, $2, $3, $7, 1, $5::jsonb, $6
    where $4 = 0 and ($3::text is null or exists (select from connections where id = $3))
      and ($7::text is null or exists (select from tenants where id = $7))
    on conflict do nothing
    returning *
  ), changed as (
    update limits set version = version + 1, budget = $5::jsonb, exhausted_until = $6, updated_at = now()
    where scope = $1 and bucket = $2 and version = $4 and $4 > 0
    returning *
  ), mine as (
    select * from written union all select * from changed
  )
  select true as written, clock_timestamp() as at, scope, bucket, connection_id, tenant_id, version, budget from mine
  union all
  select false, clock_timestamp(), scope, bucket, connection_id, tenant_id, version, budget from limits
  where scope = $1 and bucket = $2 and not exists (select from mine)`

interface SwapRow extends LimitRow {
  readonly written: boolean
  readonly at: Date
}

export function createLimitStore(pool: pg.Pool, withDatabaseRetry: DatabaseRetry): LimitStore {
  const client = queryable(pool)
  return {
    swap: (key, { from, budget, exhaustedUntil }) =>
      withDatabaseRetry(async () => {
        const values = [
          key.scope,
          key.bucket,
          key.connection ?? null,
          from,
          JSON.stringify(budget),
          exhaustedUntil ?? null,
          key.tenant ?? null,
        ]
        const { rows } = await client.query<SwapRow>(swapSql, values)
        const [row] = rows
        if (row !== undefined) return { written: row.written, at: row.at, stored: toKnownLimit(row) }
        return { written: false, at: await databaseTime(), stored: nothingStored(key) }
      }),
  }

  async function databaseTime(): Promise<Date> {
    const { rows } = await client.query<{ at: Date }>('select clock_timestamp() as at')
    return rows[0]?.at ?? new Date(NaN)
  }
}

function nothingStored(key: LimitKey): KnownLimit {
  return { key, version: 0, budget: unknownBudget }
}

/** What is known of the limits that calls of this tenant count against, and the database's time. */
export async function knownLimits(
  pool: pg.Pool,
  tenant: TenantId,
): Promise<{ readonly limits: readonly KnownLimit[]; readonly at: Date }> {
  const { rows } = await queryable(pool).query<LimitRow & { readonly at: Date }>(
    `select limits.*, clock_timestamp() as at from limits where tenant_id = $1 or scope like $2`,
    [tenant, addressScope('%')],
  )
  return { limits: rows.map(toKnownLimit), at: rows[0]?.at ?? new Date() }
}
