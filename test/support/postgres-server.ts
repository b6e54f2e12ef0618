/** A PostgreSQL of a test's own, on a port, which may be stopped, killed, frozen and started again. Nobody but the test restarts it. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openCluster } from '../../src/embedded-postgres/cluster.ts'
import { freePort } from '../../src/embedded-postgres/free-port.ts'
import { hasCode } from '../../src/embedded-postgres/if-there.ts'
import { findPostmaster, launch, stop } from '../../src/embedded-postgres/postmaster.ts'
import { urlFor } from '../../src/embedded-postgres/roles.ts'
import { openPool } from '../../src/postgres/database.ts'
import { until } from './until.ts'

export interface PostgresServer {
  readonly url: string
  /** Fast shutdown: it ends all connections and writes everything down. */
  stop(): Promise<void>
  /** SIGKILL of the postmaster alone, as the system's killer does it. */
  kill(): Promise<void>
  start(): Promise<void>
  /** SIGSTOP of the postmaster and all of its children: connections stay open and nothing answers. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Runs one statement as the superuser. */
  admin(statement: string): Promise<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

export async function startPostgres(): Promise<PostgresServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-server-'))
  const cluster = await openCluster(dataDir, { tcp: true })
  const address = { host: '127.0.0.1', port: await freePort() }
  const url = urlFor('postgres', cluster, address)
  const postmaster = async () => {
    const { running } = await findPostmaster(cluster)
    if (running === undefined) throw new Error('the server does not run')
    return running.pid
  }
  const start = async () => {
    // A killed server's children need a moment to notice and to let go of its memory.
    await until('PostgreSQL to start', async () => {
      const { stalePid } = await findPostmaster(cluster)
      return launch(cluster, { address, stalePid })
    })
  }
  const signalAll = async (signal: NodeJS.Signals) => {
    const pid = await postmaster()
    // The postmaster first: it makes no children any more, and does not miss those that are frozen.
    process.kill(pid, signal)
    for (const child of await childrenOf(pid)) signalIfThere(child, signal)
  }
  await start()
  return {
    url,
    stop: async () => {
      if (!(await stop(cluster))) throw new Error('the server did not stop')
    },
    kill: async () => {
      const pid = await postmaster()
      process.kill(pid, 'SIGKILL')
      await until(
        'the postmaster to be gone',
        async () => (await findPostmaster(cluster)).running === undefined,
      )
    },
    start,
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async admin(statement) {
      const pool = openPool(url, 1)
      try {
        return (await pool.query<Record<string, unknown>>(statement)).rows
      } finally {
        await pool.end()
      }
    },
    async close() {
      if ((await findPostmaster(cluster)).running !== undefined) {
        await signalAll('SIGCONT')
        await stop(cluster)
      }
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}

async function childrenOf(parent: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  const parents = await Promise.all(
    pids.map(async (pid) => {
      // A process may end between the listing and the look.
      const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1])
    }),
  )
  return pids.filter((_, index) => parents[index] === parent)
}
