/** Hires in Postgres: sealed, with keyed hashes to find them by. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

import type pg from 'pg'

import type { TenantId } from '../../base/ids.ts'
import { foldedWords } from '../../base/plain-text.ts'
import { SealBroken, type Sealer } from '../../base/seal.ts'
import { keyHash } from '../../keys/store/keyed.ts'
import { queryable, type Transaction } from '../../postgres/transaction.ts'
import type { HireDetails, SeenHire } from '../hire.ts'
import type { ApplicationOfTenant, HireReader } from '../ports.ts'

interface Keys {
  readonly sealer: Sealer
  /** Of this installation. */
  readonly hashKey: Buffer
}

/** What the details of a hire are sealed for. */
export const hireAad = (tenant: TenantId, application: string) => `hire:${tenant}:${application}`

export interface HireToKeep {
  readonly tenant: TenantId
  readonly application: string
  readonly hire: SeenHire
}

/** Goes out with the commit of the caller's transaction: no way to the server of its own. */
export type KeepHires = (client: Transaction, hires: readonly HireToKeep[]) => void

export function createHireWriter({ sealer, hashKey }: Keys): KeepHires {
  const secret = createSecretKey(hashKey)
  return (client, all) => {
    const hires = latestOfEach(all)
    if (hires.length === 0) return
    client.last(keepSql, [
      hires.map(({ tenant }) => tenant),
      hires.map(({ application }) => application),
      hires.map(({ tenant, application, hire }) =>
        sealer.sealJson({ ...hire.details }, hireAad(tenant, application)),
      ),
      hires.map(({ hire }) => contentHash(secret, hire)),
      hires.map(({ hire: { details } }) => (details.email === null ? null : keyHash(secret, details.email))),
      hires.map(({ hire }) => hire.nameParts.map((part) => nameHash(secret, part).toString('hex')).join(',')),
      hires.map(({ hire }) => hire.readAt),
    ])
  }
}

/** In one order, so that no two transactions wait for each other. */
const keepSql = `
  insert into hires as kept (tenant_id, application, sealed_details, content_hash, email_hash, name_hashes, read_at)
  select tenant_id, application, sealed_details, content_hash, email_hash,
    array(select decode(hash, 'hex') from unnest(string_to_array(hashes, ',')) as hash), read_at
  from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::text[], $7::timestamptz[])
    as given (tenant_id, application, sealed_details, content_hash, email_hash, hashes, read_at)
  order by tenant_id, application
  on conflict (tenant_id, application) do update set sealed_details = excluded.sealed_details,
    content_hash = excluded.content_hash, email_hash = excluded.email_hash, name_hashes = excluded.name_hashes,
    read_at = excluded.read_at
  where kept.content_hash <> excluded.content_hash and kept.read_at <= excluded.read_at`

function latestOfEach(hires: readonly HireToKeep[]): readonly HireToKeep[] {
  const inOrder = hires.toSorted((one, other) => one.hire.readAt.getTime() - other.hire.readAt.getTime())
  return [...new Map(inOrder.map((one) => [`${one.tenant} ${one.application}`, one])).values()]
}

function contentHash(secret: KeyObject, { details, nameParts }: SeenHire): Buffer {
  const { name, email, jobTitle } = details
  return createHmac('sha256', secret)
    .update(JSON.stringify([name, email, jobTitle, nameParts]))
    .digest()
}

/** Apart from the hashes of addresses and of keys of effects. */
function nameHash(secret: KeyObject, part: string): Buffer {
  return keyHash(secret, `name ${part}`)
}

interface HireRow {
  readonly slug: string
  readonly tenant_id: TenantId
  readonly application: string
  readonly sealed_details: Buffer
}

export function createHireReader({ pool, sealer, hashKey }: Keys & { readonly pool: pg.Pool }): HireReader {
  const client = queryable(pool)
  const nameOf = ({ tenant, application }: ApplicationOfTenant) => `${tenant} ${application}`
  return {
    async read(applications) {
      const { rows } = await client.query<HireRow>(
        `select tenants.slug, hires.tenant_id, hires.application, hires.sealed_details
         from (select distinct * from unnest($1::text[], $2::text[]) as given (slug, application)) as given
         join tenants on tenants.slug = given.slug
         join hires on hires.tenant_id = tenants.id and hires.application = given.application`,
        [applications.map(({ tenant }) => tenant), applications.map(({ application }) => application)],
      )
      const kept = new Map(
        rows.map((row) => [nameOf({ ...row, tenant: row.slug }), openedOrUnreadable(sealer, row)]),
      )
      return applications.map((one) => kept.get(nameOf(one)))
    },
    async find({ tenant, limit, ...search }) {
      const isWanted = 'email' in search ? 'email_hash = $3' : 'name_hashes @> $3::bytea[]'
      const wanted =
        'email' in search
          ? keyHash(hashKey, search.email)
          : foldedWords(search.name).map((part) => nameHash(createSecretKey(hashKey), part))
      // No word at all would be one of everybody's names.
      if (wanted.length === 0) return []
      const { rows } = await client.query<Pick<HireRow, 'slug' | 'application'>>(
        // By the hash first: joined at once, a plan may go through all hires of each tenant.
        `with found as materialized (select tenant_id, application, read_at from hires where ${isWanted})
         select tenants.slug, found.application from found join tenants on tenants.id = found.tenant_id
         where $1::text is null or tenants.slug = $1 order by found.read_at desc, found.application limit $2`,
        [tenant ?? null, limit, wanted],
      )
      return rows.map(({ slug, application }) => ({ tenant: slug, application }))
    },
  }
}

function openedOrUnreadable(sealer: Sealer, row: HireRow): HireDetails | 'unreadable' {
  try {
    // What is bound to this place was sealed by `createHireWriter`.
    return sealer.openJson(row.sealed_details, hireAad(row.tenant_id, row.application)) as HireDetails
  } catch (error) {
    if (error instanceof SealBroken) return 'unreadable'
    throw error
  }
}
