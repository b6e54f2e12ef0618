/** Differences between the tables and what the migrations make: changes by hand. */
import { randomBytes } from 'node:crypto'

import type pg from 'pg'

import { appliedScripts, migrationsFolder } from '../../postgres/migrate.ts'
import { inTransaction } from '../../postgres/transaction.ts'
import { type Piece, readSchema } from './schema-snapshot.ts'

export interface Drift {
  /** Such as `index runs_by_tenant`. */
  readonly what: string
  readonly how: 'missing' | 'different'
  /** Adds what is missing. Undefined if only a person can tell which of the two is right. */
  readonly repair: string | undefined
}

/**
 * The expected shape is not stored: the applied migrations run again in a schema of their own, in a transaction that is rolled
 * back, which locks nothing visible to others. Additions by hand (an index for a report) are fine.
 */
export async function schemaDrift(pool: pg.Pool, folder = migrationsFolder): Promise<readonly Drift[]> {
  const applied = await appliedScripts(pool, folder)
  let actual = new Map<string, Piece>()
  let expected = new Map<string, Piece>()
  try {
    await inTransaction(pool, async (transaction) => {
      const { rows } = await transaction.query<{ schema: string }>('select current_schema() as schema')
      actual = await readSchema(transaction, rows[0]?.schema ?? 'public')
      const schema = `drift_${randomBytes(6).toString('hex')}`
      await transaction.query(`create schema ${schema}`)
      await transaction.query(`set local search_path to ${schema}`)
      for (const sql of applied) await transaction.query(sql)
      expected = await readSchema(transaction, schema)
      throw new RolledBack()
    })
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
  }
  return [...expected.values()]
    .filter(({ what, definition }) => actual.get(what)?.definition !== definition)
    .map(({ what, sql }) =>
      actual.has(what)
        ? { what, how: 'different', repair: undefined }
        : { what, how: 'missing', repair: `${sql};` },
    )
}

/** Rolls the transaction back once the answer is known. */
class RolledBack extends Error {
  override readonly name = 'RolledBack'
}
