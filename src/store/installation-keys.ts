/** Keys that this installation makes for itself once and keeps, sealed: they outlive the rotation of ENCRYPTION_KEYS. */
import { randomBytes } from 'node:crypto'

import type pg from 'pg'

import type { Sealer } from '../base/seal.ts'
import { queryable } from './transaction.ts'

const place = 'installation:hash-key'

/** The 32 bytes that key every keyed hash. Processes that ask at the same moment for the first time get the same one. */
export async function readHashKey(pool: pg.Pool, sealer: Sealer): Promise<Buffer> {
  const client = queryable(pool)
  await client.query(
    `insert into installation_keys (name, sealed_key) values ('hash', $1) on conflict (name) do nothing`,
    [sealer.seal(randomBytes(32), place)],
  )
  const { rows } = await client.query<{ sealed_key: Buffer }>(
    `select sealed_key from installation_keys where name = 'hash'`,
  )
  const [row] = rows
  if (row === undefined) throw new Error('the hash key was removed while it was read')
  return sealer.open(row.sealed_key, place)
}
