/** Due rechecks in Postgres. A claim postpones the recheck, so that one process has it and none is lost when it dies. */
import type pg from 'pg'

import type { ConnectionId, RunId, TenantId } from '../../base/ids.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Sealer } from '../../base/seal.ts'
import type { Extra } from '../../pinpoint/read-hire.ts'
import {
  type DatabaseRetry,
  inTransaction,
  type Queryable,
  queryable,
  type Transaction,
} from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { resumeRuns } from '../../runs/store/resume.ts'
import { pace } from '../../runs/store/watches.ts'
import type { RecheckKind } from '../../runs/watch.ts'
import { storedMapping } from '../../tenants/connection.ts'
import { openApiKey, openSecrets } from '../../tenants/store/decrypt.ts'
import { refusedExtrasSql } from '../../tenants/store/refused-extras.ts'
import type { Recheck, RecheckStore } from '../ports.ts'
import { resumeChanged } from './changed-connections.ts'

interface StoreDeps {
  readonly pool: pg.Pool
  readonly queue: Queue
  readonly sealer: Sealer
  readonly withDatabaseRetry: DatabaseRetry
}

export function createRecheckStore({ pool, queue, sealer, withDatabaseRetry }: StoreDeps): RecheckStore {
  const client = queryable(pool)
  return {
    resumeChanged: () => resumeChanged(pool, queue),
    claim: (which) => inTransaction(pool, (transaction) => claim(transaction, sealer, which === 'signalled')),
    resume: (recheck, because) =>
      withDatabaseRetry(() =>
        inTransaction(pool, (transaction) => resume(transaction, queue, { recheck, because })),
      ),
    unchanged: (recheck) => withDatabaseRetry(() => moveOn(client, recheck, { code: null, after: null })),
    failed: (recheck, { code, after }) =>
      withDatabaseRetry(() => moveOn(client, recheck, { code, after: after ?? null })),
  }
}

interface RecheckRow {
  readonly run_id: RunId
  readonly what: RecheckKind
  readonly name: string
  readonly turn: number
  readonly application: string
  readonly fingerprint: Buffer | null
  readonly times: number
  readonly signalled: boolean
  readonly claim: string
  readonly connection_id: ConnectionId
  readonly integration: string
  readonly settings: unknown
  readonly mapping: JsonObject | null
  readonly mapping_version: number
  readonly sealed_secrets: Buffer
  readonly tenant_id: TenantId
  readonly api_url: string
  readonly sealed_api_key: Buffer
  readonly demo_hires: boolean
  readonly refused_extras: readonly Extra[]
}

/**
 * A run that was resumed, cancelled or has ended needs no recheck, except whether it is still hired. Limited to the next
 * hundred rechecks: with thousands due, each claim would go through all of them.
 */
const deleteOutdated = `
  delete from rechecks using runs, (
    select run_id, what from rechecks where next_at <= now() order by signalled desc, next_at limit 100
  ) as first
  where rechecks.run_id = first.run_id and rechecks.what = first.what and runs.id = rechecks.run_id and not case rechecks.what
    when 'hired' then runs.state not in ('refused', 'cancelled')
    else runs.turn = rechecks.turn and runs.state = 'parked' end`

/**
 * No recheck for a run that has moved on, or whose connection is disabled or paused. A scalar subquery for each recheck: for `exists`,
 * the planner may read all runs once for all rechecks.
 */
const due = `rechecks.next_at <= now() and (rechecks.what = 'hired' or (
  select connections.enabled and connections.paused_code is null and runs.turn = rechecks.turn and runs.state = 'parked'
  from runs join connections on connections.id = runs.connection_id where runs.id = rechecks.run_id))`

const claimSql = `
  with chosen as (
    select run_id, what, signalled from rechecks where ${due} and (signalled or not $1)
    order by signalled desc, next_at limit 1 for update skip locked
  ), claimed as (
    update rechecks set next_at = now() + interval '2 minutes', signalled = false from chosen
    where rechecks.run_id = chosen.run_id and rechecks.what = chosen.what
    returning rechecks.*, chosen.signalled as was_signalled
  )
  select claimed.run_id, claimed.what, claimed.name, claimed.turn, claimed.application, claimed.fingerprint, claimed.times,
    claimed.was_signalled as signalled, claimed.next_at::text as claim, connections.id as connection_id,
    connections.integration, connections.settings, connections.mapping, connections.mapping_version, connections.sealed_secrets, tenants.id as tenant_id, tenants.api_url,
    tenants.sealed_api_key, tenants.demo_hires, ${refusedExtrasSql} as refused_extras
  from claimed
  join runs on runs.id = claimed.run_id
  join connections on connections.id = runs.connection_id
  join tenants on tenants.id = runs.tenant_id`

async function claim(
  client: Queryable,
  sealer: Sealer,
  onlySignalled: boolean,
): Promise<Recheck | undefined> {
  await client.query(deleteOutdated)
  const { rows } = await client.query<RecheckRow>(claimSql, [onlySignalled])
  return rows.map((row) => toRecheck(row, sealer))[0]
}

function toRecheck(row: RecheckRow, sealer: Sealer): Recheck {
  const { tenant_id: tenant, connection_id: connection } = row
  return {
    run: row.run_id,
    what: row.what,
    name: row.name,
    turn: row.turn,
    application: row.application,
    fingerprint: row.fingerprint ?? undefined,
    times: row.times,
    signalled: row.signalled,
    claim: row.claim,
    connection: {
      id: connection,
      integration: row.integration,
      settings: row.settings,
      mapping: storedMapping(row),
      secrets: openSecrets(row, sealer),
    },
    tenant: {
      id: tenant,
      apiUrl: row.api_url,
      apiKey: openApiKey(row, sealer),
      demoHires: row.demo_hires,
      refusedExtras: row.refused_extras,
    },
  }
}

/** The row stays until it is due: a run that soon parks again for the same reason keeps its pace. */
async function resume(
  client: Transaction,
  queue: Queue,
  { recheck, because }: { readonly recheck: Recheck; readonly because: string },
): Promise<boolean> {
  const resumed = await resumeRuns(client, {
    from: ['parked', 'waiting'],
    where: 'runs.id = $3 and runs.turn = $4',
    values: [recheck.run, recheck.turn],
    because,
  })
  if (resumed.length === 0) return false
  await client.query(
    'update rechecks set times = times + 1, checked_at = now(), code = null where run_id = $1',
    [recheck.run],
  )
  await queue.send(client, resumed)
  return true
}

/** A signal that came in the meantime has already changed `next_at`, so that the next recheck comes at once. */
async function moveOn(
  client: Queryable,
  { run, what, turn, claim: claimed }: Recheck,
  { code, after }: { readonly code: string | null; readonly after: Date | null },
): Promise<void> {
  await client.query(
    `update rechecks set times = times + 1, checked_at = now(), code = $5,
       next_at = case when next_at = $4::timestamptz then greatest(now() + ${pace}, $6::timestamptz) else next_at end
     where run_id = $1 and what = $2 and turn = $3`,
    [run, what, turn, claimed, code, after],
  )
}
