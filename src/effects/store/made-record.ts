/** A record that a connection has made: the newest among the last thousand runs of its tenant. */
import type pg from 'pg'

import type { ConnectionId } from '../../base/ids.ts'
import { queryable } from '../../postgres/transaction.ts'

export async function madeRecord(pool: pg.Pool, connection: ConnectionId): Promise<string | undefined> {
  const { rows } = await queryable(pool).query<{ id: string }>(
    `select result->>'recordId' as id from (
       select * from runs where tenant_id = (select tenant_id from connections where id = $1)
       order by created_at desc limit 1000
     ) as latest
     where connection_id = $1 and state = 'done' and result->>'how' in ('created', 'adopted')
     order by created_at desc limit 1`,
    [connection],
  )
  return rows[0]?.id
}
