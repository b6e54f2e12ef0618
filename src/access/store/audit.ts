/** The audit log in Postgres. A trigger refuses to change what stands in it. */
import type pg from 'pg'

import { queryable } from '../../postgres/transaction.ts'
import type { AuditLog, AuditReader, AuditRecord } from '../audit.ts'

const shown = `action not in ('change.nothing', 'checked') and (action <> 'change.begun'
  or seq::text not in (select ended.details->>'begun' from audit as ended where ended.details ? 'begun'))`

export function createAuditLog(pool: pg.Pool): AuditLog & AuditReader {
  const client = queryable(pool)
  return {
    async append(entries) {
      const { rows } = await client.query<{ readonly seq: string }>(
        `insert into audit (actor, action, tenant, subjects, details)
         select actor, action, tenant, string_to_array(subjects, E'\\n'), details::jsonb
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) as given (actor, action, tenant, subjects, details)
         returning seq`,
        [
          entries.map(({ actor }) => actor),
          entries.map(({ action }) => action),
          entries.map(({ tenant }) => tenant),
          entries.map(({ subjects }) => subjects.join('\n')),
          entries.map(({ details }) => JSON.stringify(details)),
        ],
      )
      return rows.map(({ seq }) => seq)
    },
    async list({ since, limit }) {
      const { rows } = await client.query<Omit<AuditRecord, 'at'> & { readonly at: Date }>(
        `select at, actor, action, tenant, subjects, details from audit
         where at >= coalesce($1, '-infinity'::timestamptz) and ${shown} order by at desc, seq desc limit $2`,
        [since, limit],
      )
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
    },
    async count({ since }) {
      const { rows } = await client.query<{ readonly count: number }>(
        `select count(*)::int as count from audit
         where at >= coalesce($1, '-infinity'::timestamptz) and ${shown}`,
        [since],
      )
      return rows[0]?.count ?? 0
    },
  }
}
