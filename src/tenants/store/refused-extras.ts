/** What a tenant's Pinpoint refuses to send along with an application: remembered for a month, and until the tenant is changed. */
import type pg from 'pg'

import { type DatabaseRetry, queryable } from '../../postgres/transaction.ts'
import type { RefusedExtras } from '../ports.ts'

/** Of `tenants`. After a month it is asked for once more: a key may have been given more rights. */
export const refusedExtrasSql = `case when tenants.refused_extras_at > now() - interval '30 days' then tenants.refused_extras else '{}' end`

/** `updated_at` stays: nothing has changed that a run may be parked for. */
export function createRefusedExtras(pool: pg.Pool, withDatabaseRetry: DatabaseRetry): RefusedExtras {
  const client = queryable(pool)
  return {
    async note(tenant, refused) {
      await withDatabaseRetry(() =>
        client.query(
          `update tenants set refused_extras_at = now(),
             refused_extras = array(select distinct unnest(${refusedExtrasSql} || $2::text[]) order by 1)
           where id = $1`,
          [tenant, refused],
        ),
      )
    },
  }
}
