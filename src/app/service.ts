/** The service of one process: the parts that its role needs, started in order and closed in reverse. */
import { createRecently, systemClock } from '../base/clock.ts'
import type { Config } from '../config/environment.ts'
import { processIdentity } from '../config/process-identity.ts'
import { describeProxies } from '../config/proxies.ts'
import { mustBeServable } from '../http/listeners.ts'
import { type Presence, startPresence } from '../keys/presence.ts'
import type { Log } from '../observe/log.ts'
import { createMetrics, type Metrics } from '../observe/metrics.ts'
import { startListener } from '../postgres/listener.ts'
import { createWakeUps, type SharedWakeUp, type WakeUps } from '../queue/wake-ups.ts'
import { createSharedHires } from '../worker/shared-hires.ts'
import type { Worker } from '../worker/worker.ts'
import { openBackground } from './background.ts'
import { type ServiceOptions, undecorated } from './decorate-ports.ts'
import { openOutbound } from './outbound.ts'
import { openStore, type Store } from './store.ts'
import { openWeb, type Web } from './web.ts'
import { openServiceWorker, type WorkerParts } from './worker.ts'

export interface Service extends Pick<Web, 'url' | 'adminUrl'> {
  /** Accepts nothing more, finishes or hands back what is under way, and closes everything. */
  close(): Promise<void>
}

export async function startService(config: Config, log: Log, options: ServiceOptions = {}): Promise<Service> {
  const { decorate = undecorated } = options
  await mustBeServable(config)
  const wakeUps = createWakeUps()
  const supervise = config.role !== 'intake'
  // A failure here closes in reverse whatever was opened before it.
  await using opening = new AsyncDisposableStack()
  const store = opening.adopt(await openStore(config, { log, supervise, decorate, wakeUps }), (open) =>
    open.close(),
  )
  opening.adopt(openPresence(config, { store, log }), (presence) => presence.stop())
  const metrics = openMetrics(store, log)
  const outbound = opening.adopt(decorate('outbound', openOutbound(config, metrics, log)), (open) =>
    open.close(),
  )
  opening.adopt(startWakeUpListener(config, { store, wakeUps, log }), (listener) => listener.stop())
  // On a busy day, webhooks are closer together than this.
  const webhooks = createRecently(systemClock, 1000)
  const parts = { store, outbound, metrics, log, address: config.egressName, options, wakeUps }
  const work = opening.adopt(await openWork(config, { ...parts, receiving: webhooks.recently }), ({ stop }) =>
    stop(config.shutdownGraceSeconds),
  )
  const web = opening.adopt(
    await openWeb(config, { ...parts, worker: work.worker, onDelivery: webhooks.note }),
    (open) => open.close(),
  )
  logOutboundSettings(config, log)
  const { url, adminUrl } = web
  log.info({ url, admin: adminUrl, role: config.role }, 'ready')
  const open = opening.move()
  return { url, adminUrl, close: () => open.disposeAsync() }
}

function openPresence(
  { role }: Pick<Config, 'role'>,
  { store, log }: { readonly store: Store; readonly log: Log },
): Presence {
  const { name } = processIdentity()
  const process = { name, role, keys: store.sealer.keys }
  return startPresence({ store: store.processes, process, clock: systemClock, log })
}

/** The numbers of this process, and those of the whole installation from the database. */
export function openMetrics(store: Pick<Store, 'backlog' | 'throttling'>, log: Log): Metrics {
  return createMetrics({ backlog: store.backlog, throttling: { read: () => store.throttling.counts(), log } })
}

function startWakeUpListener(
  { role }: Pick<Config, 'role'>,
  { store, wakeUps, log }: { readonly store: Store; readonly wakeUps: WakeUps; readonly log: Log },
) {
  const channels: readonly SharedWakeUp[] =
    role === 'intake' ? ['tenants_changed'] : ['runs_due', 'rechecks_due', 'tenants_changed']
  return startListener(store.database.directUrl, { channels, onNotification: wakeUps.notified, log })
}

interface Work {
  /** Undefined: other processes do the work. */
  readonly worker: Worker | undefined
  readonly stop: (graceSeconds: number) => Promise<void>
}

/** Opens everything or nothing: a worker left behind would keep alive a process that failed to start. */
async function openWork(config: Config, parts: WorkerParts & { readonly wakeUps: WakeUps }): Promise<Work> {
  if (config.role === 'intake') return { worker: undefined, stop: async () => {} }
  const sharedHires = createSharedHires(systemClock)
  const worker = await openServiceWorker(config, { ...parts, sharedHires })
  parts.wakeUps.on('runs_due', () => worker.wake())
  try {
    const background = openBackground({ ...parts, sharedHires })
    return {
      worker,
      async stop(graceSeconds) {
        await Promise.all([worker.stop(graceSeconds), background.stop(graceSeconds)])
      },
    }
  } catch (error) {
    await worker.stop(0)
    throw error
  }
}

function logOutboundSettings({ proxies, allowPrivateNetwork, privateDestinations }: Config, log: Log): void {
  if (allowPrivateNetwork) {
    log.warn(
      {},
      'DANGEROUS_ALLOW_PRIVATE_NETWORK is on: whoever may edit a tenant can reach into this network',
    )
  }
  if (privateDestinations.length > 0) {
    log.info({ privateDestinations }, 'calls to these private destinations are allowed')
  }
  const { httpsProxy, httpProxy, noProxy } = describeProxies(proxies)
  if (httpsProxy !== undefined || httpProxy !== undefined) {
    log.info({ httpsProxy, httpProxy, noProxy }, 'destinations are called through a proxy')
  }
}
