/** Whether the database can be worked with now: it answers, and it takes writes. */
import type pg from 'pg'

import type { Log } from '../observe/log.ts'
import { createOutage } from '../observe/outage.ts'
import { DatabaseAway, queryable } from './transaction.ts'

/** Answers with a sentence when it cannot. */
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

/** Connections that were idle for long may be dead without a word: whether one of them, or a new one, answers soon. */
export async function answers(pool: pg.Pool): Promise<boolean> {
  const statements = queryable(pool, { atMost: 500 })
  // The pool throws away a connection on which a statement failed: behind as many as there are comes a new one.
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
