/** Keys that this installation makes for itself once and keeps, sealed: they outlive the rotation of ENCRYPTION_KEYS. */
import { randomBytes } from 'node:crypto'

import type pg from 'pg'

import { createSealer, type EncryptionKey, keyOfHeader, SealBroken, type Sealer } from '../../base/seal.ts'
import { unlessAway } from '../../postgres/readiness.ts'
import { type Queryable, queryable } from '../../postgres/transaction.ts'

export const hashKeyAad = 'installation:hash-key'

/** The 32 bytes that key every keyed hash. Processes that ask at the same moment for the first time get the same one. */
export async function readHashKey(client: Queryable, sealer: Sealer): Promise<Buffer> {
  await client.query(
    `insert into installation_keys (name, sealed_key) values ('hash', $1) on conflict (name) do nothing`,
    [sealer.seal(randomBytes(32), hashKeyAad)],
  )
  const hashKey = await existingHashKey(client, sealer)
  if (hashKey === undefined) throw new Error('the hash key was removed while it was read')
  return hashKey
}

/** Generates none. */
export async function existingHashKey(client: Queryable, sealer: Sealer): Promise<Buffer | undefined> {
  const sealed = await sealedHashKey(client)
  return sealed && sealer.open(sealed, hashKeyAad)
}

async function sealedHashKey(client: Queryable): Promise<Buffer | undefined> {
  const { rows } = await client.query<{ sealed_key: Buffer }>(
    `select sealed_key from installation_keys where name = 'hash'`,
  )
  return rows[0]?.sealed_key
}

/** The id of the key that seals it: a process without that key can do nothing. */
export async function keyInUse(client: Queryable): Promise<string | undefined> {
  const sealed = await sealedHashKey(client)
  return sealed && keyOfHeader(sealed.subarray(0, 2 + (sealed[1] ?? 0)))
}

/** Whether these keys are those of this database. Undefined: nothing is sealed in it yet. Reads only. */
export async function opensWith(
  pool: pg.Pool,
  keys: readonly EncryptionKey[] | Sealer,
): Promise<true | SealBroken | 'no keys' | undefined> {
  const client = queryable(pool)
  const { rows: tables } = await client.query<{ there: boolean }>(
    `select to_regclass('installation_keys') is not null as there`,
  )
  if (tables[0]?.there !== true) return undefined
  const sealed = await sealedHashKey(client)
  if (sealed === undefined) return undefined
  if ('length' in keys && keys.length === 0) return 'no keys'
  try {
    const sealer = 'length' in keys ? createSealer(keys) : keys
    sealer.open(sealed, hashKeyAad)
    return true
  } catch (error) {
    if (error instanceof SealBroken) return error
    throw error
  }
}

/** Whether the keys of this process are those of the database: an old process is left behind by a rotation. */
export function createKeysCheck(pool: pg.Pool, sealer: Sealer): () => Promise<string | undefined> {
  return unlessAway(async () =>
    (await opensWith(pool, sealer)) instanceof SealBroken
      ? 'The encryption keys of this process do not open what is stored. Start it with those of the database.'
      : undefined,
  )
}
