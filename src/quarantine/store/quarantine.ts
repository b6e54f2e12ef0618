/** The quarantine in Postgres: sealed bodies, limited per tenant, and nothing readable beside them. */
import type pg from 'pg'

import { newQuarantineId, type QuarantineId, type TenantId } from '../../base/ids.ts'
import { SealBroken, type Sealer } from '../../base/seal.ts'
import { keyed } from '../../keys/store/keyed.ts'
import { inTransaction, type Queryable } from '../../postgres/transaction.ts'
import type { Kept, QuarantineLimits, QuarantineWriter, Suspect } from '../ports.ts'
import { type Keyed, roomOf } from './quarantine-room.ts'

/** The key of an advisory lock: any number that no other lock of ours uses. */
const addLock = 7_305_116

/** Honest deliveries need the connections: a batch must not hold one for long. */
const addMilliseconds = 4_000

export interface QuarantineStoreDeps {
  readonly pool: pg.Pool
  readonly sealer: Sealer
  /** The installation key: signatures are stored as keyed hashes. */
  readonly hashKey: Buffer
}

export const quarantineBodyAad = (id: QuarantineId) => `quarantine:${id}:body`

/** What is hashed of an application. With its tenant: two of them may have one of the same number. Empty: the address named none. */
export const quarantineSubject = (tenant: TenantId | '', application: string) =>
  Buffer.from(`${tenant} ${application}`)

export function createQuarantineWriter(
  { pool, sealer, hashKey }: QuarantineStoreDeps,
  limits: QuarantineLimits,
): QuarantineWriter {
  return {
    add: (suspects) =>
      inTransaction(pool, (client) => addBatch({ client, sealer, hashKey, limits }, suspects), {
        atMost: addMilliseconds,
      }),
  }
}

interface Adding {
  readonly client: Queryable
  readonly sealer: Sealer
  readonly hashKey: Buffer
  readonly limits: QuarantineLimits
}

async function addBatch(deps: Adding, suspects: readonly Suspect[]): Promise<readonly Kept[]> {
  const batch: readonly Keyed[] = suspects.map((suspect) => ({
    ...suspect,
    signature: suspect.signature && keyed(deps.hashKey, suspect.signature),
    subject:
      suspect.subject === undefined
        ? undefined
        : keyed(deps.hashKey, quarantineSubject(suspect.tenant ?? '', suspect.subject)),
  }))
  // One process at a time, so that the limits hold for any number of processes.
  await deps.client.query('select pg_advisory_xact_lock($1)', [addLock])
  const merged = mergeEqual(batch)
  const known = await countKnown(deps.client, merged)
  const room = await roomOf(deps.client, { batch, limits: deps.limits })
  const fresh = merged.filter(({ key }) => !known.has(key)).filter(({ suspect }) => room.take(suspect))
  await insert(deps, fresh)
  const outcomes = new Map<string, Kept>([
    ...[...known].map((key) => [key, 'again'] as const),
    ...fresh.map(({ key }) => [key, 'kept'] as const),
  ])
  return merged.flatMap(({ key, times }) =>
    Array.from({ length: times }, () => outcomes.get(key) ?? 'no_room'),
  )
}

interface Merged {
  readonly key: string
  readonly suspect: Keyed
  readonly times: number
}

/** Unsigned deliveries are never merged: they cannot be compared. */
function mergeEqual(batch: readonly Keyed[]): readonly Merged[] {
  const merged = new Map<string, Merged>()
  for (const [index, suspect] of batch.entries()) {
    const key = keyOf(suspect) ?? String(index)
    const before = merged.get(key)
    merged.set(key, { key, suspect, times: (before?.times ?? 0) + 1 })
  }
  return [...merged.values()]
}

function keyOf({ tenant, asked, signature }: Pick<Suspect, 'tenant' | 'asked' | 'signature'>) {
  return signature && [tenant ?? '', asked, signature.toString('hex')].join(' ')
}

/** Deliveries that are stored already are counted, whether or not there is room. */
async function countKnown(client: Queryable, merged: readonly Merged[]): Promise<ReadonlySet<string>> {
  const signed = merged.filter(({ suspect }) => suspect.signature !== undefined)
  const { rows } = await client.query<{ tenant_id: TenantId | null; asked: string; signature: Buffer }>(
    `update quarantine set deliveries = quarantine.deliveries + given.times,
       last_delivery_at = greatest(quarantine.last_delivery_at, given.at)
     from unnest($1::text[], $2::text[], $3::bytea[], $4::int[], $5::timestamptz[])
       as given (tenant_id, asked, signature, times, at)
     where quarantine.signature = given.signature and quarantine.asked = given.asked
       and quarantine.tenant_id is not distinct from given.tenant_id
     returning quarantine.tenant_id, quarantine.asked, quarantine.signature`,
    [
      signed.map(({ suspect }) => suspect.tenant ?? null),
      signed.map(({ suspect }) => suspect.asked),
      signed.map(({ suspect }) => suspect.signature),
      signed.map(({ times }) => times),
      signed.map(({ suspect }) => suspect.receivedAt),
    ],
  )
  return new Set(
    rows.flatMap(
      ({ tenant_id, asked, signature }) => keyOf({ tenant: tenant_id ?? undefined, asked, signature }) ?? [],
    ),
  )
}

async function insert({ client, sealer }: Adding, fresh: readonly Merged[]): Promise<void> {
  if (fresh.length === 0) return
  const rows = fresh.map(({ suspect, times }) => ({ id: newQuarantineId(), suspect, times }))
  await client.query(
    `insert into quarantine
       (id, tenant_id, asked, signature, bytes, sealed_body, deliveries, received_at, last_delivery_at, subject)
     select id, tenant_id, asked, signature, bytes, sealed_body, deliveries, at, at, subject
     from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::int[], $6::bytea[], $7::int[], $8::timestamptz[], $9::bytea[])
       as given (id, tenant_id, asked, signature, bytes, sealed_body, deliveries, at, subject)
     -- A tenant may have been removed meanwhile.
     where tenant_id is null or exists (select from tenants where tenants.id = given.tenant_id)
     on conflict do nothing`,
    [
      rows.map(({ id }) => id),
      rows.map(({ suspect }) => suspect.tenant ?? null),
      rows.map(({ suspect }) => suspect.asked),
      rows.map(({ suspect }) => suspect.signature ?? null),
      rows.map(({ suspect }) => suspect.body.length),
      rows.map(({ id, suspect }) => sealer.seal(suspect.body, quarantineBodyAad(id))),
      rows.map(({ times }) => times),
      rows.map(({ suspect }) => suspect.receivedAt),
      rows.map(({ suspect }) => suspect.subject ?? null),
    ],
  )
}

/** Undefined when its key is not here: one unreadable delivery must not affect the others. */
export function openBody(
  sealer: Sealer,
  { id, sealed_body }: { readonly id: QuarantineId; readonly sealed_body: Buffer },
) {
  try {
    return sealer.open(sealed_body, quarantineBodyAad(id))
  } catch (error) {
    if (error instanceof SealBroken) return undefined
    throw error
  }
}
