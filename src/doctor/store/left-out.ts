/** What hires have found of a mapping that no longer fits its destination, where no run parks for it. */
import { counted } from '../../base/duration.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { Finding } from '../finding.ts'

const days = 7
const mostNamed = 3

/** By the present mapping only: a changed one has mended it, or the next hire says so. */
export async function fieldsLeftOut(client: Queryable): Promise<readonly Finding[]> {
  const { rows } = await client.query<{ tenant: string; integration: string; count: number }>(
    `select tenants.slug as tenant, runs.integration, count(*)::int as count
     from tenants
       join runs on runs.tenant_id = tenants.id and runs.created_at >= now() - make_interval(days => $1)
       join connections on connections.id = runs.connection_id and connections.mapping_version = runs.mapping_version
     where connections.enabled and connections.mapping is not null
       and jsonb_path_exists(runs.result, '$.warnings[*] ? (@.code like_regex "[.](field|title|department)_left_out$")')
     group by tenants.slug, runs.integration
     order by count desc, tenants.slug, runs.integration`,
    [days],
  )
  if (rows.length === 0) return []
  const named = rows
    .slice(0, mostNamed)
    .map(({ tenant, integration, count }) => `${tenant} ${integration} (${counted(count, 'run')})`)
  const more = rows.length > mostNamed ? `, and ${rows.length - mostNamed} more` : ''
  const because =
    `In the last ${days} days, mapped fields were left out that the destination does not have, or whose value it does not take: ` +
    `${named.join(', ')}${more}. Next: pinpoint-webhooks connections check`
  return [{ ok: true, warning: true, what: 'Mapped fields', because }]
}
