/** The stores as the service has them, on a PostgreSQL database of their own. */
import { PgBoss } from 'pg-boss'

import { createHireReader } from '../../../src/hires/store/hires.ts'
import type { QuotaLimits } from '../../../src/intake/ports.ts'
import { createCircuitStore } from '../../../src/limits/store/circuits.ts'
import { createLimitStore } from '../../../src/limits/store/limits.ts'
import { resumeChanged } from '../../../src/parking/store/changed-connections.ts'
import { createDatabaseRetry } from '../../../src/postgres/transaction.ts'
import { createFinishedWork } from '../../../src/privacy/store/finished-work.ts'
import { takeOverFromDead } from '../../../src/runs/store/takeover.ts'
import { createConnectionStore } from '../../../src/tenants/store/connections.ts'
import { createDeclarationStore } from '../../../src/tenants/store/declarations.ts'
import { createTenantStore } from '../../../src/tenants/store/tenants.ts'
import { openSpine } from '../../support/spine.ts'
import type { Stores } from './harness.ts'

export async function openPostgresStores(limits?: QuotaLimits): Promise<Stores> {
  const spine = await openSpine({ ...(limits && { limits }) })
  const { pool, sealer, queue } = spine
  const withDatabaseRetry = createDatabaseRetry(async () => {})
  return {
    queue,
    runs: spine.runs,
    hires: createHireReader({ pool, sealer, hashKey: spine.hashKey }),
    journal: spine.journal,
    ledger: spine.ledger,
    limits: createLimitStore(pool, withDatabaseRetry),
    circuits: createCircuitStore({ pool, queue, withDatabaseRetry }),
    events: spine.events,
    runAdmin: spine.runAdmin,
    tenants: createTenantStore({ pool, sealer }),
    connections: createConnectionStore({ pool, sealer }),
    declarations: createDeclarationStore({ pool, sealer }),
    resumeChanged: () => resumeChanged(pool, queue),
    takeOver: (isGone) => takeOverFromDead(pool, queue, async (worker) => isGone(worker)),
    tenant: spine.tenant,
    connectionIds: spine.connections,
    async prune(event) {
      const long = `now() - interval '401 days'`
      await pool.query(`update events set received_at = ${long} where id = $1`, [event])
      await pool.query(
        `update runs set finished_at = ${long} where event_id = $1 and finished_at is not null`,
        [event],
      )
      await createFinishedWork(pool).pruneBatch(spine.tenant.id, undefined)
    },
    async release() {
      while (await spine.quotas.release()) await spine.inbox.dispatch()
    },
    async letDayPass() {
      await pool.query(`update runs set created_at = created_at - interval '1 day'`)
    },
    async fallSilent({ id }) {
      const longAgo = `now() - interval '1 minute'`
      await pool.query(`update pgboss.job set heartbeat_on = ${longAgo} where id = $1`, [id])
    },
    async supervise() {
      // It would look again only after a while.
      await pool.query(`update pgboss.queue set monitor_claim_on = null, monitor_on = null`)
      const boss = new PgBoss({
        db: { executeSql: (text, values) => pool.query(text, values) },
        supervise: false,
        schedule: false,
        registerInstance: false,
      })
      await boss.start()
      await boss.supervise('runs')
      await boss.stop({ graceful: false, close: false })
    },
    close: () => spine.close(),
  }
}
