/** What `connections check` has found of connections that were not changed since. The doctor itself asks no destination. */
import { inWords } from '../../base/duration.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { Finding } from '../finding.ts'

const days = 90
/** A check covers one connection, or all of a tenant, or all. */
const mostChecks = 500
const mostNamed = 3

interface Check {
  readonly secondsAgo: number
  readonly details: Readonly<Record<string, string>>
}

interface Connection {
  readonly name: string
  readonly tenant: string
  readonly changedSecondsAgo: number
}

export async function lastChecks(client: Queryable): Promise<readonly Finding[]> {
  const { rows: checks } = await client.query<Check>(
    `select extract(epoch from now() - at)::float8 as "secondsAgo", details from audit
     where action = 'checked' and at >= now() - make_interval(days => $1) order by at desc, seq desc limit ${mostChecks}`,
    [days],
  )
  if (checks.length === 0) return []
  const { rows: connections } = await client.query<Connection>(
    `select tenants.slug || ' ' || connections.integration as name, tenants.slug as tenant,
       extract(epoch from now() - greatest(connections.updated_at, tenants.updated_at))::float8 as "changedSecondsAgo"
     from connections join tenants on tenants.id = connections.tenant_id
     where connections.enabled order by tenants.slug, connections.integration`,
  )
  const found = connections.flatMap((one) => foundOf(one, checks))
  if (found.length === 0) return []
  const more = found.length > mostNamed ? `, and ${found.length - mostNamed} more` : ''
  const because =
    `Something is not well by the last \`connections check\`, and was not changed since: ` +
    `${found.slice(0, mostNamed).join(', ')}${more}. Next: pinpoint-webhooks connections check`
  return [{ ok: true, warning: true, what: 'Last check', because }]
}

function foundOf(
  { name, tenant, changedSecondsAgo }: Connection,
  checks: readonly Check[],
): readonly string[] {
  const last = checks.find(({ details }) => ['', tenant, name].includes(details['scope'] ?? ''))
  const what = last?.details[name]
  if (last === undefined || what === undefined || changedSecondsAgo < last.secondsAgo) return []
  return [`${name} (${what}; ${inWords(last.secondsAgo * 1000)} ago)`]
}
