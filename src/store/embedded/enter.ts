/** The way into the server of a cluster: through the one that runs, or through one that is started for it. */
import { chown, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { systemClock } from '../../base/clock.ts'
import { NeedsPerson, RetryLater } from '../../base/failure.ts'
import type { Cluster } from './cluster.ts'
import { hasDiskSpace, noDiskSpace } from './disk-space.ts'
import { freePort, isFree } from './free-port.ts'
import { ifThere } from './if-there.ts'
import { endOrphans } from './orphans.ts'
import { findPostmaster, launch } from './postmaster.ts'
import { openSession, type Session } from './session.ts'

export interface Entered {
  readonly session: Session
  readonly port: number
  /** True when we started the server. */
  readonly launched: boolean
}

export interface EnterOptions {
  /** The only port that will do, because pools use it. Unset: the last one if it is free, else any. */
  readonly port?: number
  readonly signal: AbortSignal
}

/** Recovery after a crash reads at most half a gigabyte of log; a server that takes longer is in trouble. */
const patienceSeconds = 120
/** What a killed server's last process may need, on a slow and busy disk, to let go of its memory. */
const startSeconds = 15

/**
 * Whatever else happens on this folder at the same moment (another start, the last user's stop, a recovery) ends in
 * one of two states, running or not, and PostgreSQL itself sees to it that no second server opens the data. So this
 * looks, acts on what it sees and looks again.
 */
export async function enter(cluster: Cluster, { port, signal }: EnterOptions): Promise<Entered> {
  const giveUp = systemClock.now().getTime() + patienceSeconds * 1000
  let startsUntil: number | undefined
  let launched = false
  // A server that we have started is entered in any case: one that nobody has entered would never be stopped.
  while (systemClock.now().getTime() < giveUp && (launched || !signal.aborted)) {
    const { running, stalePid } = await findPostmaster(cluster)
    if (running?.ready === true) {
      const session = await openSession(cluster, running.port)
      if (session !== undefined) return { session, port: running.port, launched }
    } else if (running === undefined) {
      launched = await start(cluster, { port, stalePid })
      if (launched) continue
      startsUntil ??= systemClock.now().getTime() + startSeconds * 1000
      // Whoever else tries may have just succeeded, so the last word is a look, not a failed start.
      const nobody = (await findPostmaster(cluster)).running === undefined
      if (nobody) await endOrphans(cluster.data)
      if (nobody && systemClock.now().getTime() > startsUntil) throw await whyNot(cluster, port)
    }
    await systemClock.sleep(running === undefined ? 250 : 50, signal)
  }
  throw new RetryLater('store.embedded_not_ready', 'The embedded PostgreSQL is not ready to be used.')
}

async function start(
  cluster: Cluster,
  { port, stalePid }: { readonly port: number | undefined; readonly stalePid: number | undefined },
): Promise<boolean> {
  if (!(await hasDiskSpace(cluster.home))) throw noDiskSpace(cluster.home)
  const file = join(cluster.home, 'port')
  const last = Number(await ifThere(readFile(file, 'utf8')))
  const wanted = port ?? (last > 0 && (await isFree(last)) ? last : await freePort())
  if (!(await launch(cluster, { port: wanted, stalePid }))) return false
  // The same port at the next start: a service whose server was killed under it finds the one that another started.
  if (wanted !== last) {
    await writeFile(file, String(wanted), { mode: 0o600 })
    // Root shares the folder with the user it runs the server as, who may start the service next time.
    if (cluster.user !== undefined) await chown(file, cluster.user.uid, cluster.user.gid)
  }
  return true
}

async function whyNot(cluster: Cluster, port: number | undefined): Promise<NeedsPerson> {
  if (port !== undefined && !(await isFree(port))) {
    return new NeedsPerson(
      'store.embedded_port',
      `Port ${port} of the embedded PostgreSQL is taken by another program.`,
      {
        fix: 'Start the service again: it chooses another port.',
      },
    )
  }
  const log = join(cluster.home, 'server.log')
  return new NeedsPerson('store.embedded_failed', `The embedded PostgreSQL does not start: see ${log}.`, {
    fix: 'Mend what the log tells of, restore the data folder from a backup, or set DATABASE_URL to a PostgreSQL of your own.',
  })
}
