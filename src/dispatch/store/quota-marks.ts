/** The marks of tenants that are over their quota, and their deferred events. */
import type { TenantId } from '../../base/ids.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { Room } from './quota-room.ts'

/** Tenants that one pass reads. */
const mostTenants = 100

/** Which quota is exceeded, and until when if only time decides. */
const columnsOf = ({ events, until }: Room) => (events === 0 ? ['events', until] : ['runs', null])

/** Returns the slug, unless the tenant is already marked or gone. */
export async function mark(client: Queryable, tenant: TenantId, room: Room): Promise<string | undefined> {
  const { rows } = await client.query<{ slug: string }>(
    `with marked as (
       insert into over_quota (tenant_id, quota, until) select id, $2, $3 from tenants where id = $1
       on conflict do nothing returning tenant_id
     )
     select slug from marked join tenants on tenants.id = marked.tenant_id`,
    [tenant, ...columnsOf(room)],
  )
  return rows[0]?.slug
}

export async function updateMark(client: Queryable, tenant: TenantId, room: Room): Promise<void> {
  await client.query('update over_quota set quota = $2, until = $3 where tenant_id = $1', [
    tenant,
    ...columnsOf(room),
  ])
}

export async function leastRecentlyChecked(client: Queryable): Promise<readonly TenantId[]> {
  const { rows } = await client.query<{ tenant_id: TenantId }>(
    'select tenant_id from over_quota order by checked_at limit $1',
    [mostTenants],
  )
  return rows.map(({ tenant_id }) => tenant_id)
}

/** Locks the mark until the transaction ends. False: another process has it. Does not hold up dispatching. */
export async function takeMark(client: Queryable, tenant: TenantId): Promise<boolean> {
  const { rowCount } = await client.query(
    `update over_quota set checked_at = now() from (
       select tenant_id from over_quota where tenant_id = $1 for no key update skip locked
     ) as free where over_quota.tenant_id = free.tenant_id`,
    [tenant],
  )
  return rowCount === 1
}

/** Returns how many events moved to the inbox. An event that another webhook has put there already stays deferred. */
export async function releaseOldest(client: Queryable, tenant: TenantId, most: number): Promise<number> {
  const { rowCount } = await client.query(
    `with oldest as materialized (
       select event_id, stale, dispatch_to from deferred where tenant_id = $1 order by event_id, stale limit $2 for update
     ), moved as (
       insert into inbox (event_id, stale, dispatch_to, released) select event_id, stale, dispatch_to, true from oldest
       on conflict (event_id) do nothing returning event_id, stale
     )
     delete from deferred using moved
     where deferred.tenant_id = $1 and deferred.event_id = moved.event_id and deferred.stale = moved.stale`,
    [tenant, most],
  )
  return rowCount ?? 0
}

/** Returns the slug, unless events are deferred. The lock waits for a transaction that is deferring one, which is then seen. */
export async function unmark(client: Queryable, tenant: TenantId): Promise<string | undefined> {
  await client.query('select from over_quota where tenant_id = $1 for update', [tenant])
  const { rows } = await client.query<{ slug: string }>(
    `delete from over_quota using tenants
     where tenants.id = over_quota.tenant_id and tenant_id = $1 and not exists (select from deferred where tenant_id = $1)
     returning slug`,
    [tenant],
  )
  return rows[0]?.slug
}
