/** Whether the database is usable now: it answers, and it accepts writes. */
import type pg from 'pg'

import type { Log } from '../observe/log.ts'
import { createOutage } from '../observe/outage.ts'
import { readMigrations } from './migrate.ts'
import { DatabaseAway, queryable } from './transaction.ts'

/** Returns a sentence when it is not. */
export function createDatabaseCheck(pool: pg.Pool, log: Log): () => Promise<string | undefined> {
  const statements = queryable(pool)
  const outage = createOutage(log, {
    began: 'not ready: the database does not answer',
    over: 'the database answers again',
  })
  return async () => {
    try {
      const { rows } = await statements.query<{ readOnly: boolean }>(
        `select current_setting('transaction_read_only')::boolean as "readOnly"`,
      )
      outage.worked()
      return rows[0]?.readOnly === false ? undefined : 'The database takes no writes: it is read-only.'
    } catch (error) {
      outage.failed(error)
      return error instanceof DatabaseAway ? error.message : 'The database does not answer.'
    }
  }
}

/** Whether its tables are those of this version: a database restored to an earlier day accepts no delivery. */
export function createSchemaCheck(pool: pg.Pool): () => Promise<string | undefined> {
  const statements = queryable(pool)
  return unlessAway(async () => {
    const { rows } = await statements.query<{ there: boolean }>(
      `select to_regclass('schema_migrations') is not null as there`,
    )
    if (rows[0]?.there !== true) return 'The database has none of our tables. Run `migrate`.'
    const applied = await statements.query<{ name: string }>('select name from schema_migrations')
    const names = new Set(applied.rows.map(({ name }) => name))
    const missing = (await readMigrations()).filter(({ name }) => !names.has(name))
    return missing.length === 0
      ? undefined
      : `The database lacks the migrations ${missing.map(({ name }) => name).join(', ')}. Run \`migrate\`.`
  })
}

/** That the database does not answer is reported once, by its own check. */
export function unlessAway(check: () => Promise<string | undefined>): () => Promise<string | undefined> {
  return async () => {
    try {
      return await check()
    } catch (error) {
      if (error instanceof DatabaseAway) return undefined
      throw error
    }
  }
}

/** Connections that were idle for long may be dead: whether one of them, or a new one, answers soon. */
export async function answers(pool: pg.Pool): Promise<boolean> {
  const statements = queryable(pool, { atMost: 500 })
  // The pool drops a connection on which a statement failed: after all existing ones, it opens a new one.
  for (let left = pool.totalCount; left >= 0; left--) {
    try {
      await statements.query('select 1')
      return true
    } catch (error) {
      if (!(error instanceof DatabaseAway)) throw error
    }
  }
  return false
}
