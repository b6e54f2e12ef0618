/** The HTTP of the service: the public app, the operators' app, and what they need directly. */
import type { Hono } from 'hono'

import { systemClock } from '../base/clock.ts'
import type { Config } from '../config/environment.ts'
import { startDispatcher } from '../dispatch/dispatcher.ts'
import { lockedTenants, noticesOf } from '../doctor/store/notices.ts'
import type { Readiness } from '../http/health-routes.ts'
import { type Listeners, serveBoth } from '../http/listeners.ts'
import { createHttpApp, createOperatorApp } from '../http/server.ts'
import { createTenantDirectory, type LiveTenantDirectory } from '../intake/directory.ts'
import type { Quarantine, VerifiedDelivery } from '../intake/ports.ts'
import { createReceive } from '../intake/receive.ts'
import { createEventStore } from '../intake/store/deliveries.ts'
import { handlersOf, integrations } from '../integrations/registry.ts'
import { createKeysCheck } from '../keys/store/installation-keys.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { ReadNotices } from '../observe/notices-gauge.ts'
import { createOutage, type Outage } from '../observe/outage.ts'
import { createDatabaseCheck, createSchemaCheck } from '../postgres/readiness.ts'
import { startPruning } from '../quarantine/prune-quarantine.ts'
import { createQuarantine, type OpenQuarantine } from '../quarantine/quarantine.ts'
import { createSignatureAlarm } from '../quarantine/signature-alarm.ts'
import { createQuarantineWriter } from '../quarantine/store/quarantine.ts'
import type { WakeUps } from '../queue/wake-ups.ts'
import type { Worker } from '../worker/worker.ts'
import { type ServiceOptions, undecorated } from './decorate-ports.ts'
import { quarantineAdmin } from './operator.ts'
import type { Store } from './store.ts'

export interface WebParts {
  readonly store: Store
  /** Undefined: other processes do the work. */
  readonly worker: Worker | undefined
  readonly metrics: Metrics
  readonly log: Log
  readonly wakeUps: WakeUps
  /** Called for each verified delivery, before it is stored. */
  readonly onDelivery: () => void
  readonly options: ServiceOptions
}

export interface Web extends Omit<Listeners, 'close'> {
  /** Accepts nothing more, and stores and dispatches what it has accepted. */
  close(): Promise<void>
}

export async function openWeb(config: Config, parts: WebParts): Promise<Web> {
  const { store, metrics, log, wakeUps } = parts
  const tenants = createTenantDirectory({ store: store.tenants })
  wakeUps.on('tenants_changed', () => tenants.invalidate())
  const dispatcher = startDispatcher({
    inbox: store.inbox,
    quotas: store.quotas,
    clock: systemClock,
    log,
  })
  wakeUps.on('inbox', () => dispatcher.wake())
  const quarantine = openQuarantine(config, parts)
  const closeBehind = () => Promise.all([quarantine.close(), dispatcher.stop()])
  try {
    const onNewEvents = () => wakeUps.tell('inbox')
    const apps = createApps(config, { ...parts, tenants, quarantine, onNewEvents })
    const server = await serveBoth(apps, config, { log, metrics })
    return {
      ...server,
      async close() {
        await server.close()
        await closeBehind()
      },
    }
  } catch (error) {
    await closeBehind()
    throw error
  }
}

export interface AppParts extends Pick<WebParts, 'store' | 'worker' | 'metrics' | 'log'> {
  readonly tenants: LiveTenantDirectory
  readonly quarantine: Quarantine
  readonly onDelivery?: () => void
  /** Called when deliveries are stored; their answers wait for it. */
  readonly onNewEvents: () => Promise<void> | void
  readonly options?: ServiceOptions
}

export interface Apps {
  /** The public app. */
  readonly app: Hono
  /** The operators' app, on its own listener. */
  readonly operator: Hono
}

/** For a server, or for anything else that passes requests to the apps. */
export function createApps(
  { role, trustedProxies = [] }: Pick<Config, 'role'> & Partial<Pick<Config, 'trustedProxies'>>,
  parts: AppParts,
): Apps {
  const { store, tenants, quarantine, metrics, log, onDelivery, onNewEvents, options = {} } = parts
  const { decorate = undecorated, integrations: all = integrations } = options
  const { sealer, hashKey, database } = store
  const events = decorate('events', createEventStore({ pool: database.pool, sealer, hashKey, onNewEvents }))
  const record = (delivery: VerifiedDelivery) => {
    onDelivery?.()
    return events.record(delivery)
  }
  const outage = createOutage(log, {
    began: 'deliveries cannot be stored',
    over: 'deliveries are stored again',
  })
  const handlers = handlersOf(all)
  const receive = createReceive({ tenants, events: { record }, handlers, quarantine, clock: systemClock })
  const readiness = createReadiness({ ...parts, outage })
  metrics.readNotices(noticesForMetrics(readiness, log))
  const shared = { ...readiness, outage, log, metrics }
  return {
    app: createHttpApp({ ...shared, trustedProxies, ...(role === 'worker' ? {} : { receive }) }),
    operator: createOperatorApp(shared),
  }
}

function noticesForMetrics({ notices }: Readiness, log: Log): ReadNotices {
  return async () => {
    try {
      return (await notices?.()) ?? []
    } catch (error) {
      // The other metrics matter most when the database is unavailable.
      log.warn(safeError(error), 'notices not read for metrics')
      return []
    }
  }
}

/** Whether this process is useful, and conditions that need attention although it is. */
function createReadiness({
  store,
  tenants,
  worker,
  outage,
  log,
}: AppParts & { readonly outage: Outage }): Readiness {
  const { database, sealer } = store
  const { pool } = database
  const ofWorker = async () => (worker?.healthy() === false ? 'Jobs cannot be fetched.' : undefined)
  return {
    readiness: [
      { name: 'database', problem: createDatabaseCheck(pool, log) },
      { name: 'schema', problem: createSchemaCheck(pool) },
      { name: 'keys', problem: createKeysCheck(pool, sealer) },
      // A database that answers may still refuse writes, because its disk is full for example.
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

function openQuarantine(
  config: Config,
  { store, metrics, log }: Pick<WebParts, 'store' | 'metrics' | 'log'>,
): OpenQuarantine {
  const days = config.quarantineDays
  const limits = {
    maxDeliveries: config.quarantineMaxDeliveries,
    maxBytes: config.quarantineMaxMib * 1024 * 1024,
  }
  const deps = { pool: store.database.pool, sealer: store.sealer, hashKey: store.hashKey }
  const alarm = createSignatureAlarm({
    clock: systemClock,
    onAlarm: ({ tenant, signature }) => {
      metrics.signatureAlarms.inc()
      log.error({ tenant, signature }, 'signatures began to fail: the signing secret was probably changed')
    },
  })
  const quarantine = createQuarantine({
    store: createQuarantineWriter(deps, limits),
    clock: systemClock,
    onOutcome: (outcome) => metrics.quarantined.inc({ outcome }),
    outage: createOutage(log, {
      began: 'refused deliveries cannot be kept in quarantine',
      over: 'refused deliveries are kept in quarantine again',
    }),
    alarm,
  })
  const pruning = startPruning({
    admin: quarantineAdmin(store),
    days,
    clock: systemClock,
    log,
  })
  return {
    ...quarantine,
    async close() {
      await Promise.all([quarantine.close(), pruning.stop()])
    },
  }
}
