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
