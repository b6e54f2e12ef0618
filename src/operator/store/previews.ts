/** What previews read: the chosen events, the input of their runs, and the ledger. Writes nothing. */
import type pg from 'pg'

import type { ConnectionId, EventId, TenantId } from '../../base/ids.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Sealer } from '../../base/seal.ts'
import type { KnownEffect } from '../../effects/locate.ts'
import { elsewhereOf, type ElsewhereRow, madeSql } from '../../effects/store/hold.ts'
import { keyHash } from '../../keys/store/keyed.ts'
import type { Extra } from '../../pinpoint/read-hire.ts'
import { type Queryable, queryable } from '../../postgres/transaction.ts'
import { storedMapping } from '../../tenants/connection.ts'
import type { WriteBack } from '../../tenants/connection-options.ts'
import { openApiKey, openSecrets } from '../../tenants/store/decrypt.ts'
import { refusedExtrasSql } from '../../tenants/store/refused-extras.ts'
import type { LedgerReader, PreviewStore, PreviewSubject } from '../ports.ts'
import { chooseEvents, chooseOfEvent } from './chosen-events.ts'

export function createPreviewStore({
  pool,
  sealer,
}: {
  readonly pool: pg.Pool
  readonly sealer: Sealer
}): PreviewStore {
  const client = queryable(pool)
  return {
    choose: (choice) => chooseEvents(client, choice),
    chooseEvent: (event, choice) => chooseOfEvent(client, event, choice),
    open: (event, connection) => open(client, sealer, { event, connection }),
  }
}

/** Read-only: a preview cannot write to the ledger. */
export function createLedgerReader({
  pool,
  hashKey,
}: {
  readonly pool: pg.Pool
  readonly hashKey: Buffer
}): LedgerReader {
  const client = queryable(pool)
  return {
    async look({ connection, kind, key, application }) {
      const place = [connection, kind, keyHash(hashKey, key)]
      const { rows } = await client.query<GlanceRow>(
        `select state, remote_id, extract(epoch from now() - exists_at)::float8 as exists_ago, ${madeSql('effects')}
         from effects where connection_id = $1 and kind = $2 and key_hash = $3`,
        place,
      )
      const others = await client.query<ElsewhereRow>(
        `select * from effect_of_application($1, $2, $4, $3, '')`,
        [...place, application ?? null],
      )
      return { known: rows.map(toKnown)[0], elsewhere: others.rows.map(elsewhereOf)[0] }
    },
  }
}

function toKnown({ made_at: madeAt, now, ...row }: GlanceRow): KnownEffect {
  return {
    state: row.state,
    announced: row.announced,
    remoteId: row.remote_id ?? undefined,
    existsAgo: row.exists_ago ?? undefined,
    madeFor: row.made_for ?? undefined,
    madeAgo: madeAt === null ? undefined : now - madeAt,
  }
}

interface GlanceRow {
  readonly state: 'intended' | 'done'
  readonly announced: boolean
  readonly remote_id: string | null
  readonly exists_ago: number | null
  readonly made_for: string | null
  readonly made_at: number | null
  readonly now: number
}

interface SubjectRow {
  readonly event_id: EventId
  readonly name: string
  readonly subject: string
  readonly triggered_at: Date | null
  readonly received_at: Date
  readonly tenant_id: TenantId
  readonly slug: string
  readonly api_url: string
  readonly time_zone: string | null
  readonly sealed_api_key: Buffer
  readonly demo_hires: boolean
  readonly refused_extras: readonly Extra[]
  readonly connection_id: ConnectionId
  readonly integration: string
  readonly enabled: boolean
  readonly settings: unknown
  readonly mapping: JsonObject | null
  readonly mapping_version: number
  readonly comment: string | null
  readonly write_back: WriteBack | null
  readonly sealed_secrets: Buffer
  readonly paused_code: string | null
  readonly paused_reason: string | null
  readonly paused_fix: string | null
}

const subjectSql = `
  select events.id as event_id, events.name, events.subject, events.triggered_at, events.received_at,
    tenants.id as tenant_id, tenants.slug, tenants.api_url, tenants.time_zone, tenants.sealed_api_key, tenants.demo_hires,
    ${refusedExtrasSql} as refused_extras,
    connections.id as connection_id, connections.integration, connections.enabled, connections.settings,
    connections.mapping, connections.mapping_version, connections.comment, connections.write_back, connections.sealed_secrets, connections.paused_code, connections.paused_reason, connections.paused_fix
  from events
  join tenants on tenants.id = events.tenant_id
  join connections on connections.tenant_id = events.tenant_id and connections.id = $2
  where events.id = $1 and events.name is not null and events.subject is not null`

async function open(
  client: Queryable,
  sealer: Sealer,
  { event, connection }: { readonly event: EventId; readonly connection: ConnectionId },
): Promise<PreviewSubject | undefined> {
  const { rows } = await client.query<SubjectRow>(subjectSql, [event, connection])
  return rows.map((row) => toSubject(row, sealer))[0]
}

function toSubject(row: SubjectRow, sealer: Sealer): PreviewSubject {
  const { tenant_id: tenant, connection_id: connection } = row
  return {
    subject: row.subject,
    integration: row.integration,
    event: {
      id: row.event_id,
      name: row.name,
      triggeredAt: row.triggered_at ?? row.received_at,
      receivedAt: row.received_at,
    },
    tenant: {
      id: tenant,
      slug: row.slug,
      apiUrl: row.api_url,
      timeZone: row.time_zone ?? undefined,
      apiKey: openApiKey(row, sealer),
      demoHires: row.demo_hires,
      refusedExtras: row.refused_extras,
    },
    connection: {
      id: connection,
      enabled: row.enabled,
      settings: row.settings,
      mapping: storedMapping(row),
      comment: row.comment ?? undefined,
      writeBack: row.write_back ?? undefined,
      secrets: openSecrets(row, sealer),
      paused:
        row.paused_code === null
          ? undefined
          : { code: row.paused_code, reason: row.paused_reason ?? '', fix: row.paused_fix ?? '' },
    },
  }
}
