/**
 * Our own PostgreSQL, used when DATABASE_URL is unset. One server per data folder, shared by every process that
 * opens it: the first one starts it, a killed one leaves it running, and the last one stops it.
 */
import { systemClock } from '../base/clock.ts'
import { NeedsPerson } from '../base/failure.ts'
import { type Log, safeError } from '../observe/log.ts'
import { type Address, isSame, nameOf } from './address.ts'
import { type Cluster, openCluster } from './cluster.ts'
import { enter, type Entered } from './enter.ts'
import { findPostmaster, stop } from './postmaster.ts'
import { urlFor } from './roles.ts'
import type { Session } from './session.ts'

export interface Embedded {
  /** For the role that owns the service's tables, and can do no more. */
  readonly url: string
  /** For the role that can copy the server. */
  readonly backupUrl: string
  /** True when the server was already running. */
  readonly adopted: boolean
  /** The server's folder: its data, password, last port and log. */
  readonly home: string
  /**
   * Starts a dead server again, at the same address so that pools reconnect; leaves a server that answers alone.
   * Also happens by itself, when this process's own connection to the server is lost.
   */
  ensureRunning(): Promise<void>
  /** Releases this process's share; the last process stops the server. */
  release(): Promise<void>
}

export interface EmbeddedOptions {
  /** The server lives in `<dataDir>/postgres`. */
  readonly dataDir: string
  readonly log: Log
  /** Listens on a port even if a socket is possible. Default false. */
  readonly tcp?: boolean
}

export async function startEmbedded({ dataDir, log, tcp }: EmbeddedOptions): Promise<Embedded> {
  const began = performance.now()
  const cluster = await openCluster(dataDir, { tcp })
  const leaving = new AbortController()
  const entered = await enter(cluster, { signal: leaving.signal })
  const milliseconds = Math.round(performance.now() - began)
  const address = nameOf(entered.address)
  log.info({ address, adopted: !entered.launched, milliseconds }, 'embedded PostgreSQL is ready')
  return share(cluster, entered, { leaving, log })
}

interface ShareOptions {
  readonly leaving: AbortController
  readonly log: Log
}

function share(cluster: Cluster, first: Entered, { leaving, log }: ShareOptions): Embedded {
  const { address } = first
  let entered = first
  let repairing: Promise<void> | undefined
  let released: Promise<void> | undefined

  const repair = async () => {
    if (leaving.signal.aborted) return
    const { running } = await findPostmaster(cluster)
    // A connection may answer a little longer than its server lives.
    if (running?.ready !== true || !(await entered.session.answers())) {
      await entered.session.end()
      entered = await enter(cluster, { address, signal: leaving.signal })
      watch(entered.session)
      log.warn(
        { address: nameOf(entered.address), adopted: !entered.launched },
        'embedded PostgreSQL had stopped and was started again',
      )
    }
    if (!isSame(entered.address, address)) throw moved(address, entered.address)
  }
  const ensureRunning = () => (repairing ??= repair().finally(() => (repairing = undefined)))

  const watch = ({ lost }: Session) =>
    void lost.then(async () => {
      while (!leaving.signal.aborted) {
        try {
          await ensureRunning()
          return
        } catch (error) {
          log.error(safeError(error), 'embedded PostgreSQL stopped and could not be started again')
        }
        await systemClock.sleep(5_000, leaving.signal)
      }
    })
  watch(first.session)

  const release = async () => {
    leaving.abort()
    await Promise.allSettled([repairing])
    if ((await entered.session.leave()) && !(await stop(cluster))) {
      log.warn({ home: cluster.home }, 'embedded PostgreSQL did not stop within a minute')
    }
    await entered.session.end()
  }
  return {
    url: urlFor('pinpoint_webhooks', cluster, address),
    backupUrl: urlFor('pinpoint_webhooks_backup', cluster, address),
    adopted: !first.launched,
    home: cluster.home,
    ensureRunning,
    release: () => (released ??= release()),
  }
}

function moved(before: Address, now: Address): NeedsPerson {
  return new NeedsPerson(
    'store.embedded_moved',
    `The embedded PostgreSQL was started again at ${nameOf(now)}, because ${nameOf(before)} was taken.`,
    { fix: 'Start the service again: it then uses the new address.' },
  )
}
