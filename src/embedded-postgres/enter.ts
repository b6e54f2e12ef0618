/** Enters the server of a cluster: the running one, or one that is started for it. */
import { join } from 'node:path'

import { systemClock } from '../base/clock.ts'
import { NeedsPerson, RetryLater } from '../base/failure.ts'
import { type Address, isSocket, loopback } from './address.ts'
import type { Cluster } from './cluster.ts'
import { hasDiskSpace, noDiskSpace } from './disk-space.ts'
import { freePort, isFree } from './free-port.ts'
import { endOrphans } from './orphans.ts'
import { readOwn, writeOwn } from './own-files.ts'
import { findPostmaster, launch, stop } from './postmaster.ts'
import { setUpRoles, wrongPassword } from './roles.ts'
import { openSession, type Session } from './session.ts'

export interface Entered {
  readonly session: Session
  readonly address: Address
  /** True when we started the server. */
  readonly launched: boolean
}

export interface EnterOptions {
  /** The required address, because pools use it. Unset: any. */
  readonly address?: Address
  readonly signal: AbortSignal
}

/** Recovery after a crash reads at most half a gigabyte of WAL; a server that takes longer has a problem. */
const patienceSeconds = 120
/** How long a killed server's last process may need, on a slow and busy disk, to release its memory. */
const startSeconds = 15

/** How long processes of an older version may need to leave the server that one of them started. */
const leaveSeconds = 15

/**
 * Whatever else happens on this folder at the same moment (another start, the last process's stop, a recovery) ends in
 * one of two states, running or not, and PostgreSQL itself ensures that no second server opens the data. So this
 * function reads the state, acts on it and reads it again.
 */
export async function enter(cluster: Cluster, { address, signal }: EnterOptions): Promise<Entered> {
  const giveUp = systemClock.now().getTime() + patienceSeconds * 1000
  const starting = until(startSeconds)
  const leaving = until(leaveSeconds)
  let launched = false
  // A server that we started is entered in any case: a server that no process has entered would never be stopped.
  while (systemClock.now().getTime() < giveUp && (launched || !signal.aborted)) {
    const { running, stalePid } = await findPostmaster(cluster)
    if (running?.ready === true && isElsewhere(cluster, running.address)) {
      if (!(await replace(cluster, running.address)) && leaving.isOver()) throw inUse(cluster)
    } else if (running?.ready === true) {
      const session = await admit(cluster, running.address, { launched })
      if (session !== undefined) return { session, address: running.address, launched }
    } else if (running === undefined) {
      launched = await start(cluster, { address, stalePid })
      if (launched) continue
      const over = starting.isOver()
      // Another process may have just succeeded, so the state decides, not the failed start.
      const nobody = (await findPostmaster(cluster)).running === undefined
      if (nobody) await endOrphans(cluster.data)
      if (nobody && over) throw await whyNot(cluster, address)
    }
    await systemClock.sleep(running === undefined ? 250 : 50, signal)
  }
  throw new RetryLater('store.embedded_not_ready', 'The embedded PostgreSQL is not ready to be used.')
}

/** Counts from the first call of `isOver`. */
function until(seconds: number) {
  let end: number | undefined
  return {
    isOver() {
      end ??= systemClock.now().getTime() + seconds * 1000
      return systemClock.now().getTime() > end
    },
  }
}

/** The process that started the server sets up its roles: for a new server, or one of an older version, that is us. */
async function admit(
  cluster: Cluster,
  address: Address,
  { launched }: { readonly launched: boolean },
): Promise<Session | undefined> {
  if (launched && !(await setUpRoles(cluster, address))) return undefined
  const session = await openSession(cluster, address)
  if (session === undefined || !('refused' in session)) return session
  if (launched) throw wrongPassword(cluster, session.refused)
  if (!(await setUpRoles(cluster, address))) return undefined
  const again = await openSession(cluster, address)
  if (again !== undefined && 'refused' in again) throw wrongPassword(cluster, again.refused)
  return again
}

/** Version 0.1.0 listens on a port; so does a process that uses a path which is too long for a socket. */
function isElsewhere({ socket }: Cluster, address: Address): boolean {
  return isSocket(address) !== (socket !== undefined)
}

/** Stops a server with the wrong address, once no other process uses it. */
async function replace(cluster: Cluster, address: Address): Promise<boolean> {
  if (isSocket(address)) return false
  const session = await openSession(cluster, address, 'postgres')
  if (session === undefined) return true
  if ('refused' in session) throw wrongPassword(cluster, session.refused)
  try {
    return (await session.leave()) && (await stop(cluster))
  } finally {
    await session.end()
  }
}

async function start(
  cluster: Cluster,
  { address, stalePid }: { readonly address: Address | undefined; readonly stalePid: number | undefined },
): Promise<boolean> {
  if (!(await hasDiskSpace(cluster.home))) throw noDiskSpace(cluster.home)
  const last = await lastPort(cluster)
  const wanted = address ?? cluster.socket ?? { host: loopback, port: await choosePort(last) }
  if (!(await launch(cluster, { address: wanted, stalePid }))) return false
  // The next start uses the same port: a service whose server was killed then finds the one that another process started.
  if (!isSocket(wanted) && wanted.port !== last && cluster.owner === 'us')
    await writeOwn(portFile(cluster), String(wanted.port))
  return true
}

const portFile = ({ home }: Cluster) => join(home, 'port')

async function lastPort(cluster: Cluster): Promise<number> {
  return Number((await readOwn(portFile(cluster)))?.toString() ?? 0)
}

async function choosePort(last: number): Promise<number> {
  return last > 0 && (await isFree(last)) ? last : freePort()
}

async function whyNot(cluster: Cluster, address: Address | undefined): Promise<NeedsPerson> {
  if (address !== undefined && !isSocket(address) && !(await isFree(address.port))) {
    return new NeedsPerson(
      'store.embedded_port',
      `Port ${address.port} of the embedded PostgreSQL is taken by another program.`,
      {
        fix: 'Start the service again: it chooses another port.',
      },
    )
  }
  const log = join(cluster.home, 'server.log')
  return new NeedsPerson('store.embedded_failed', `The embedded PostgreSQL does not start: see ${log}.`, {
    fix: 'Fix what the log reports, restore the data folder from a backup, or set DATABASE_URL to a PostgreSQL of your own.',
  })
}

function inUse({ home }: Cluster): NeedsPerson {
  return new NeedsPerson(
    'store.embedded_in_use',
    `The embedded PostgreSQL in ${home} is used by an older version of this service, or by one that was given another path to it.`,
    { fix: 'Stop that service, then start this one. Use the same path to DATA_DIR everywhere.' },
  )
}
