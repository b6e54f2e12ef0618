/** What somebody should know although webhooks are stored: shown by `doctor`, and by `/readyz` as notices. Reads only. */

import { counted } from '../../base/duration.ts'
import type { Database } from '../../embedded-postgres/database.ts'
import { freeBytes } from '../../embedded-postgres/disk-space.ts'
import { type Queryable, queryable } from '../../postgres/transaction.ts'
import type { CheckItem } from '../../sdk/check.ts'

export async function noticesOf({
  pool,
  embedded,
}: Pick<Database, 'pool' | 'embedded'>): Promise<readonly CheckItem[]> {
  const client = queryable(pool)
  const work = (await isMigrated(client)) ? [...(await workThatWaits(client)), await overQuota(client)] : []
  return embedded === undefined ? work : [...work, await diskSpace(embedded.home)]
}

interface Waiting {
  readonly inbox: number
  readonly paused: number
  readonly failing: number
}

async function isMigrated(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('over_quota') is not null as there`,
  )
  return rows[0]?.there === true
}

async function workThatWaits(client: Queryable): Promise<readonly CheckItem[]> {
  const { rows } = await client.query<Waiting>(
    `select (select count(*) from inbox join events on events.id = inbox.event_id
        where arrived_at < now() - interval '1 minute') as inbox,
      (select count(*) from connections where paused_at is not null and enabled) as paused,
      (select count(*) from circuits) as failing`,
  )
  const { inbox = 0, paused = 0, failing = 0 } = rows[0] ?? {}
  return [
    {
      ok: inbox === 0,
      what: 'Inbox',
      because:
        inbox === 0
          ? 'The runs of what was acknowledged have begun.'
          : `${counted(inbox, 'event')} acknowledged more than a minute ago ${inbox === 1 ? 'has' : 'have'} begun no runs. Start a service; if one runs, its log says why.`,
    },
    {
      ok: paused === 0,
      what: 'Connections',
      because:
        paused === 0
          ? 'None is paused.'
          : `${paused === 1 ? '1 is' : `${paused} are`} paused and must be mended; hires wait meanwhile. Next: pinpoint-webhooks connections list`,
    },
    {
      ok: failing === 0,
      what: 'Destinations',
      because:
        failing === 0
          ? 'None keeps failing.'
          : `${failing === 1 ? '1 keeps' : `${failing} keep`} failing; calls stop, except for probes, and runs wait. \`connections show TENANT INTEGRATION\` says why.`,
    },
  ]
}

interface OverQuota {
  readonly tenant: string
  readonly quota: 'events' | 'runs'
  readonly until: Date | null
  readonly deferred: number
}

/** Counted no further per tenant: nobody needs the exact number. */
const mostCounted = 10_000
const mostTenants = 5

async function overQuota(client: Queryable): Promise<CheckItem> {
  const { rows } = await client.query<OverQuota>(
    `select tenants.slug as tenant, quota, until,
       (select count(*)::int from (select from deferred where tenant_id = tenants.id limit ${mostCounted}) as counted) as deferred
     from over_quota join tenants on tenants.id = over_quota.tenant_id
     where exists (select from deferred where tenant_id = tenants.id) order by since limit ${mostTenants + 1}`,
  )
  const told = rows.slice(0, mostTenants).map(overQuotaSentence)
  const because =
    rows.length === 0
      ? 'No tenant has to wait for its own.'
      : [...told, ...(rows.length > mostTenants ? ['Others are, too.'] : []), whatToDo].join(' ')
  return { ok: rows.length === 0, what: 'Quotas', because }
}

const whatToDo =
  'Nothing is lost: the oldest begin first. Look at what its Pinpoint sends; if it is right, raise TENANT_EVENTS_PER_DAY or TENANT_UNFINISHED_RUNS.'

function overQuotaSentence({ tenant, quota, until, deferred }: OverQuota): string {
  const count =
    deferred === mostCounted
      ? `At least ${counted(deferred, 'acknowledged event')}`
      : counted(deferred, 'acknowledged event')
  const events = `${count} of ${tenant} ${deferred === 1 ? 'begins' : 'begin'} later`
  if (quota === 'runs') return `${events}: when fewer of its runs are unfinished, parked ones included.`
  return `${events}: as many as it may have a day have begun, further ones from ${until?.toISOString() ?? 'tomorrow'} on.`
}

async function diskSpace(home: string): Promise<CheckItem> {
  const gigabytes = (await freeBytes(home)) / 1e9
  const ok = gigabytes >= 1
  const because = `${gigabytes.toFixed(1)} GB are free for the embedded PostgreSQL${ok ? '.' : ': make room before it stops.'}`
  return { ok, what: 'Disk', because }
}

/** Sealed with another key, or their address was changed outside this program. Other tenants are not affected. */
export function lockedTenants(slugs: readonly string[]): CheckItem {
  const shown = `${slugs.slice(0, 5).join(', ')}${slugs.length > 5 ? ', …' : ''}`
  return {
    ok: slugs.length === 0,
    what: 'Tenants',
    because:
      slugs.length === 0
        ? 'The secrets of all of them open.'
        : `The secrets of ${slugs.length} do not open (${shown}): their webhooks are answered 503. Apply their file again, or bring back the key that sealed them.`,
  }
}
