/** What `why` reads in Postgres: the applications that a text names, and everything known of one. */
import type pg from 'pg'

import type { TenantId } from '../../base/ids.ts'
import type { ApplicationOfTenant, HireReader } from '../../hires/ports.ts'
import { keyed } from '../../keys/store/keyed.ts'
import { type Queryable, queryable } from '../../postgres/transaction.ts'
import { quarantineSubject } from '../../quarantine/store/quarantine.ts'
import { toSweep } from '../../tenants/store/tenants.ts'
import type { KnownOfApplication, NamedApplication, WhyReader } from '../why.ts'
import { findRuns } from './run-lists.ts'
import { listEvents } from './run-views.ts'

export function createWhyReader({
  pool,
  hires,
  hashKey,
}: {
  readonly pool: pg.Pool
  readonly hires: HireReader
  readonly hashKey: Buffer
}): WhyReader {
  const client = queryable(pool)
  return {
    async applications({ text, tenant, limit }) {
      if (text.includes('@')) return hires.find({ email: text, tenant, limit })
      if (!/^(\d+|(run|evt)_\S*)$/.test(text)) return hires.find({ name: text, tenant, limit })
      const values = [text, tenant ?? null, limit]
      const { rows } = await client.query<ApplicationOfTenant>(byIdSql, values)
      if (rows.length > 0) return rows
      const isNumber = /^\d+$/.test(text)
      const sql = isNumber
        ? byRecordSql(text.length < shortestBeginning ? exactly : beginsSo)
        : byBeginningSql
      const { rows: begun } = await client.query<Required<NamedApplication>>(sql, values)
      return begun.some(({ id }) => id === text)
        ? begun.filter(({ id }) => id === text).map(({ tenant, application }) => ({ tenant, application }))
        : begun
    },
    known: (about) => known(client, about, hashKey),
  }
}

const byIdSql = `
  select tenants.slug as tenant, found.application from (
    select tenant_id, subject as application from events where subject = $1
    union select tenant_id, application from hires where application = $1
    union select tenant_id, subject from runs where id = $1
    union select tenant_id, subject from events where id = $1 and subject is not null
  ) as found join tenants on tenants.id = found.tenant_id
  where $2::text is null or tenants.slug = $2 order by 1, 2 limit $3`

/** A number with fewer digits may be an application that is not known here. */
const shortestBeginning = 10
const exactly = 'remote_id = $1'
const beginsSo = `remote_id between $1 and $1 || repeat('9', 60) and starts_with(remote_id, $1)`

/**
 * The ledger has no index by record, since each change of a row would write it. The journal has one, as long as a run is kept, and
 * leads to the row by its application: comments and files have ids, too, and are nobody's record. However many begin alike, a thousand
 * steps are read.
 */
const byRecordSql = (condition: string) => `
  with named as materialized (
    select run_id, remote_id from steps where remote_id ~ '^[0-9]{1,60}$' and ${condition} order by remote_id limit 1000
  )
  select tenants.slug as tenant, runs.subject as application, named.remote_id as id
  from named join runs on runs.id = named.run_id join tenants on tenants.id = runs.tenant_id
  where exists (
      select from effects
      where effects.connection_id = runs.connection_id and effects.made_for = runs.subject and effects.remote_id = named.remote_id
    ) and ($2::text is null or tenants.slug = $2)
  group by 1, 2, 3 order by named.remote_id <> $1, 3, 1, 2 limit $3`

const byBeginningSql = `
  select tenants.slug as tenant, found.application, found.id from (
    select tenant_id, subject as application, id from runs where id between $1 and $1 || repeat('z', 60) and starts_with(id, $1)
    union all select tenant_id, subject, id from events
      where id between $1 and $1 || repeat('z', 60) and starts_with(id, $1) and subject is not null
  ) as found join tenants on tenants.id = found.tenant_id
  where $2::text is null or tenants.slug = $2 order by found.id limit $3`

interface KnownRow extends Pick<KnownOfApplication, 'undispatched' | 'quarantined'> {
  readonly connections: KnownOfApplication['connections']
  readonly sweep_every_seconds: number | null
  readonly sweep_look_back_seconds: number
  readonly last_sweep: Date | null
}

async function known(
  client: Queryable,
  { tenant, application }: ApplicationOfTenant,
  hashKey: Buffer,
): Promise<KnownOfApplication> {
  const events = await listEvents(client, { tenant, subject: application, limit: 20 })
  const runs = await findRuns(client, { kind: 'application', value: application }, { tenant, limit: 50 })
  const { rows: ids } = await client.query<{ id: TenantId }>('select id from tenants where slug = $1', [
    tenant,
  ])
  const id = ids[0]?.id
  const { rows } = await client.query<KnownRow>(knownSql, [
    id,
    events.map((event) => event.id),
    [id ?? ('' as const), '' as const].map((owner) => keyed(hashKey, quarantineSubject(owner, application))),
  ])
  const row = rows[0]
  if (row === undefined) throw new Error(`tenant ${tenant} is gone`)
  return {
    events,
    runs,
    undispatched: row.undispatched,
    quarantined: row.quarantined,
    connections: row.connections,
    sweep: toSweep(row),
    lastSweepAt: row.last_sweep?.toISOString() ?? null,
  }
}

const knownSql = `
  select sweep_every_seconds, sweep_look_back_seconds,
    case when exists (select from inbox where event_id = any ($2)) then 'inbox'
      when exists (select from deferred where tenant_id = tenants.id and event_id = any ($2)) then 'deferred' end as undispatched,
    (select count(*)::int from quarantine where subject = any ($3)) as quarantined,
    coalesce((select json_agg(json_build_object('integration', integration, 'enabled', enabled, 'enabledSince', enabled_since)
      order by integration) from connections where tenant_id = tenants.id), '[]') as connections,
    (select created_at from sweeps where tenant_id = tenants.id order by created_at desc limit 1) as last_sweep
  from tenants where id = $1`
