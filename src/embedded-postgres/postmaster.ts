/** The server process of one cluster: finds, starts and stops it. It outlives the process that started it. */
import { spawn } from 'node:child_process'
import { rename, rm, stat } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '../base/clock.ts'
import { type Address, isSocket, loopback, socketLock } from './address.ts'
import type { Cluster } from './cluster.ts'
import { hasCode, ifThere } from './if-there.ts'
import { openLogFile, readOwn } from './own-files.ts'
import { runProgram } from './program.ts'

export interface Postmaster {
  readonly pid: number
  readonly address: Address
  /** False while it recovers after a crash, or shuts down. */
  readonly ready: boolean
}

export interface Found {
  readonly running: Postmaster | undefined
  /** The pid in postmaster.pid, if no server runs: by now, it may belong to any other process. */
  readonly stalePid: number | undefined
}

/** https://www.postgresql.org/docs/18/storage-file-layout.html: postmaster.pid, one fact a line. */
export async function findPostmaster(cluster: Cluster): Promise<Found> {
  const text = await readOwn(join(cluster.data, 'postmaster.pid'))
  const lines = (text?.toString() ?? '').split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return { running: undefined, stalePid: undefined }
  if (!(await servesFolder(pid, cluster.data))) return { running: undefined, stalePid: pid }
  return {
    running: { pid, address: addressIn(lines, cluster), ready: lines[7]?.trim() === 'ready' },
    stalePid: undefined,
  }
}

/** Its port, and the folder of its first socket, which is the data folder. Version 0.1.0 started it without a socket. */
function addressIn(lines: readonly string[], cluster: Cluster): Address {
  return { host: lines[4] === '' ? loopback : cluster.data, port: Number(lines[3]) }
}

/**
 * After a crash of the machine, or in a new container, the id in postmaster.pid often belongs to another process,
 * and a copied folder names the server of the original. The server's working directory is its data folder.
 */
async function servesFolder(pid: number, data: string): Promise<boolean> {
  if (platform() === 'linux') {
    const [ours, theirs] = await Promise.all([stat(data), workingDirectory(pid)])
    return theirs?.dev === ours.dev && theirs.ino === ours.ino
  }
  if (platform() === 'win32') return isAlive(pid)
  const { output } = await runProgram('ps', ['-ww', '-o', 'command=', '-p', String(pid)])
  return output.includes(`-D ${data} `)
}

export async function workingDirectory(pid: number) {
  try {
    return await ifThere(stat(`/proc/${pid}/cwd`))
  } catch (error) {
    // Another user's process: our server runs as our user, or we are root and may read any process.
    if (hasCode(error, 'EACCES')) return undefined
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false
    throw error
  }
}

/** https://www.postgresql.org/docs/18/runtime-config.html */
const settings = {
  max_connections: '100',
  shared_buffers: '64MB',
  fsync: 'on',
  synchronous_commit: 'on',
  max_wal_size: '512MB',
  // While a backup is recovered from an archive, the server would count as ready and accept no writes.
  hot_standby: 'off',
  // Containers have little shared memory, and our queries are too small to gain from these two.
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // A refused statement can quote a row, and rows are about people: only the server's own messages are logged.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
} as const

/** Resolves once the server accepts connections; false when it ended before that. */
export async function launch(
  cluster: Cluster,
  { address, stalePid }: { readonly address: Address; readonly stalePid: number | undefined },
): Promise<boolean> {
  await removeEmpty(join(cluster.data, 'postmaster.pid'))
  // A killed server's lock file: PostgreSQL takes any process with its id for that server. postmaster.pid keeps a second server out.
  await rm(join(cluster.data, socketLock), { force: true })
  const { program, args, log } = await commandFor(cluster, address)
  const child = spawn(program, args, {
    ...cluster.user,
    cwd: cluster.data,
    // Its own session, so that neither Ctrl-C nor the end of our process group reaches it.
    detached: true,
    stdio: ['ignore', log?.fd ?? 'ignore', log?.fd ?? 'ignore'],
    // PostgreSQL takes a process with this id for pg_ctl, not for a server that holds the folder. If a server does hold it,
    // its shared memory is still found and keeps a second server out.
    env: stalePid === undefined ? {} : { PG_GRANDPARENT_PID: String(stalePid) },
  })
  child.unref()
  const ended = Promise.withResolvers<boolean>()
  child.once('exit', () => ended.resolve(false))
  child.once('error', ended.reject)
  try {
    for (;;) {
      const { running } = await findPostmaster(cluster)
      if (running?.ready === true && running.pid === child.pid) return true
      const still = await Promise.race([ended.promise, systemClock.sleep(20).then(() => true)])
      if (!still) return false
    }
  } finally {
    await log?.close()
  }
}

/**
 * PostgreSQL refuses to start on an empty postmaster.pid, which a power cut leaves between creating and writing it. An old
 * one is not another server that is starting; and a running server would still be found by its shared memory.
 */
async function removeEmpty(file: string): Promise<void> {
  const found = await ifThere(stat(file))
  if (found?.size === 0 && systemClock.now().getTime() - found.mtimeMs > 3_000)
    await rm(file, { force: true })
}

/** The server's command and log. In another user's folder, the log is opened as that user, so that links cannot redirect root. */
async function commandFor({ binaries, dataArgument, home, owner }: Cluster, address: Address) {
  const listens = isSocket(address)
    ? { listen_addresses: '', unix_socket_directories: '.' }
    : { listen_addresses: address.host, unix_socket_directories: '' }
  const args = ['-D', dataArgument, '-p', String(address.port)]
  for (const [name, value] of Object.entries({ ...listens, ...settings })) args.push('-c', `${name}=${value}`)
  if (owner === 'us') return { program: binaries.postgres, args, log: await openLog(home) }
  const logging = ['-c', 'exec "$0" "$@" >> ../server.log 2>&1', binaries.postgres]
  return { program: '/bin/sh', args: [...logging, ...args], log: undefined }
}

/** Keeps the previous log after a long run, and no earlier ones: logs cannot fill the disk. */
async function openLog(home: string) {
  const file = join(home, 'server.log')
  const size = (await ifThere(stat(file)))?.size ?? 0
  if (size > 5_000_000) await rename(file, `${file}.1`)
  return openLogFile(file)
}

/** Ends all connections, writes everything to disk and stops. https://www.postgresql.org/docs/18/app-pg-ctl.html */
export async function stop(cluster: Cluster): Promise<boolean> {
  const args = ['stop', '-D', '.', '-m', 'fast', '-t', '60']
  const { exit } = await runProgram(cluster.binaries.pgCtl, args, { user: cluster.user, cwd: cluster.data })
  return exit === 0
}
