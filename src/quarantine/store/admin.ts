/** The deliveries in quarantine: listed, decrypted for another verification, removed, pruned by age. */
import type { QuarantineId, TenantId } from '../../base/ids.ts'
import { keyed } from '../../keys/store/keyed.ts'
import { type Queryable, queryable } from '../../postgres/transaction.ts'
import type { QuarantineAdmin, Quarantined, QuarantineView } from '../ports.ts'
import { openBody, type QuarantineStoreDeps } from './quarantine.ts'

export function createQuarantineAdmin({ pool, ...opening }: QuarantineStoreDeps): QuarantineAdmin {
  const client = queryable(pool)
  return {
    async page(after, { tenant, limit }) {
      const { rows } = await client.query<QuarantinedRow>(
        `select ${columns} from quarantine
         where signature is not null and id > $1 and ($2::text is null or tenant_id = $2 or tenant_id is null)
         order by id limit $3`,
        [after, tenant ?? null, limit],
      )
      return rows.map((row) => toQuarantined(row, opening))
    },
    async open(id) {
      const { rows } = await client.query<QuarantinedRow>(
        `select ${columns} from quarantine where id = $1 and signature is not null`,
        [id],
      )
      return rows.map((row) => toQuarantined(row, opening))[0]
    },
    async remove(ids) {
      if (ids.length > 0) await client.query('delete from quarantine where id = any ($1)', [ids])
    },
    async list({ tenant, limit }) {
      const { rows } = await client.query<ViewRow>(
        `${viewSql} where $1::text is null or slug = $1 order by quarantine.id desc limit $2`,
        [tenant ?? null, limit],
      )
      return rows.map(toView)
    },
    async show(id) {
      const { rows } = await client.query<ViewRow>(`${viewSql} where quarantine.id = $1`, [id])
      return rows.map(toView)[0]
    },
    async purge({ tenant, id }) {
      const { rowCount } = await client.query(
        `delete from quarantine where ($1::text is null or tenant_id = (select tenants.id from tenants where slug = $1))
           and ($2::text is null or id = $2)`,
        [tenant ?? null, id ?? null],
      )
      return rowCount ?? 0
    },
    prune: (days) => prune(client, days),
  }
}

const columns = 'id, tenant_id, asked, signature, sealed_body'

interface QuarantinedRow {
  readonly id: QuarantineId
  readonly tenant_id: TenantId | null
  readonly asked: string
  readonly signature: Buffer
  readonly sealed_body: Buffer
}

function toQuarantined(
  row: QuarantinedRow,
  { sealer, hashKey }: Omit<QuarantineStoreDeps, 'pool'>,
): Quarantined {
  const { id, tenant_id, asked, signature } = row
  return {
    ...{ id, tenant: tenant_id ?? undefined, asked, body: openBody(sealer, row) },
    isSignedWith: (given) => keyed(hashKey, given).equals(signature),
  }
}

interface ViewRow {
  readonly id: string
  readonly slug: string | null
  readonly asked: string
  readonly signed: boolean
  readonly bytes: number
  readonly deliveries: number
  readonly received_at: Date
  readonly last_delivery_at: Date
}

const viewSql = `
  select quarantine.id, slug, asked, signature is not null as signed, bytes, deliveries, received_at, last_delivery_at
  from quarantine left join tenants on tenants.id = quarantine.tenant_id`

function toView(row: ViewRow): QuarantineView {
  const { id, slug: tenant, asked, signed, bytes, deliveries } = row
  return {
    ...{ id, tenant, asked, signature: signed ? 'wrong' : 'missing', bytes, deliveries },
    receivedAt: row.received_at.toISOString(),
    lastDeliveryAt: row.last_delivery_at.toISOString(),
  }
}

/** The job's lock row is taken with the deletion: of two processes at once, the second waits and finds it done. */
async function prune(client: Queryable, days: number): Promise<number | undefined> {
  const { rows } = await client.query<{ mine: boolean; pruned: number }>(
    `with mine as (
       insert into scheduled_jobs as job (name, done_at) values ('prune quarantine', now())
       on conflict (name) do update set done_at = now() where job.done_at < now() - interval '1 hour'
       returning name
     ), pruned as (
       delete from quarantine
       where received_at < now() - make_interval(days => $1) and exists (select from mine)
       returning id
     )
     select exists (select from mine) as mine, (select count(*) from pruned) as pruned`,
    [days],
  )
  const [row] = rows
  return row?.mine === true ? row.pruned : undefined
}
