/** Whether this process is of use, and what somebody should know of although it is. */
import type { Sealer } from '../base/seal.ts'
import { lockedTenants, noticesOf } from '../doctor/store/notices.ts'
import type { Database } from '../embedded-postgres/database.ts'
import type { Readiness } from '../http/health-routes.ts'
import type { LiveTenantDirectory } from '../intake/directory.ts'
import { createKeysCheck } from '../keys/store/installation-keys.ts'
import type { Log } from '../observe/log.ts'
import type { Outage } from '../observe/outage.ts'
import { createDatabaseCheck, createSchemaCheck } from '../postgres/readiness.ts'
import type { Worker } from '../worker/worker.ts'

export interface ReadinessParts {
  readonly store: {
    readonly database: Database
    readonly sealer: Sealer
  }
  readonly tenants: Pick<LiveTenantDirectory, 'locked'>
  /** Undefined: the work is done elsewhere, and how it goes there says nothing about this process. */
  readonly worker: Worker | undefined
  readonly outage: Outage
  readonly log: Log
}

export function createReadiness({ store, tenants, worker, outage, log }: ReadinessParts): Readiness {
  const { database, sealer } = store
  const { pool } = database
  const ofWorker = async () => (worker?.healthy() === false ? 'Jobs cannot be fetched.' : undefined)
  return {
    readiness: [
      { name: 'database', problem: createDatabaseCheck(pool, log) },
      { name: 'schema', problem: createSchemaCheck(pool) },
      { name: 'keys', problem: createKeysCheck(pool, sealer) },
      // A database that answers may still take nothing, because its disk is full for example.
      { name: 'intake', problem: async () => outage.problem() },
      ...(worker === undefined ? [] : [{ name: 'worker', problem: ofWorker }]),
    ],
    async notices() {
      const found = [...(await noticesOf(database)), lockedTenants([...(await tenants.locked()).keys()])]
      return found.flatMap(({ ok, what, because }) =>
        ok ? [] : [{ name: what.toLowerCase(), problem: because }],
      )
    },
  }
}
