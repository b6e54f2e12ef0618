/** The folder of the embedded PostgreSQL: made once, durable, found again by every later start. */
import { randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  link,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import { platform } from 'node:os'
import { join, resolve } from 'node:path'

import { systemClock } from '../../base/clock.ts'
import { NeedsPerson } from '../../base/failure.ts'
import { type Binaries, findBinaries } from './binaries.ts'
import { hasDiskSpace, noDiskSpace } from './disk-space.ts'
import { hasCode, ifThere } from './if-there.ts'
import { runProgram } from './program.ts'
import { canEnter, type ServerUser, serverUser } from './server-user.ts'

export interface Cluster {
  /** `<dataDir>/postgres`: the data, its password, the last port and the server's log. */
  readonly home: string
  readonly data: string
  /** How the server is told of `data`, its working directory. */
  readonly dataArgument: string
  readonly binaries: Binaries
  readonly user: ServerUser | undefined
  readonly password: string
}

/**
 * Opens the cluster below `dataDir`, making it at the first start. Several processes may do so at the same moment:
 * each makes a whole cluster of its own and renames it into place, the first one wins, and no lock can be left behind.
 */
export async function openCluster(dataDir: string): Promise<Cluster> {
  const home = resolve(dataDir, 'postgres')
  const user = await serverUser(home)
  await makeHome(home, user)
  const binaries = await findBinaries(user)
  const password = await writeOnce(join(home, 'password'), randomBytes(24).toString('base64url'), user)
  const data = join(home, 'data')
  const cluster = { home, data, dataArgument: await nameFor(data, home, user), binaries, user, password }
  const major = (await majorOf(cluster)) ?? (await makeData(cluster))
  if (major === binaries.major) return cluster
  throw new NeedsPerson(
    'store.embedded_version',
    `${data} was made by PostgreSQL ${major}, and this is ${binaries.major}.`,
    {
      fix: `Dump it with the version of this service that made it and load it into an empty DATA_DIR, or set DATABASE_URL to a PostgreSQL of your own.`,
    },
  )
}

async function makeHome(home: string, user: ServerUser | undefined): Promise<void> {
  try {
    await mkdir(home, { recursive: true })
    await chmod(home, 0o700)
    if (user !== undefined) await chown(home, user.uid, user.gid)
  } catch (cause) {
    if (!hasCode(cause, 'EACCES', 'EPERM', 'EROFS')) throw cause
    throw new NeedsPerson('store.embedded_owner', `${home} cannot be written, or belongs to another user.`, {
      fix: 'Start as the user who owns it, choose another DATA_DIR, or set DATABASE_URL to a PostgreSQL of your own.',
      cause,
    })
  }
}

/**
 * A folder below one that only root can enter, such as /root/x/data, cannot be named to an unprivileged server. But it
 * can be its working directory, which we enter for it as root, and Linux gives every process this name for that. So
 * the data stays where DATA_DIR says: in its backups, on its volume, gone when it is deleted.
 */
async function nameFor(data: string, home: string, user: ServerUser | undefined): Promise<string> {
  if (user === undefined || (await canEnter(home, user))) return data
  if (platform() === 'linux') return '/proc/self/cwd'
  throw new NeedsPerson(
    'store.embedded_unreachable',
    `As root, the embedded PostgreSQL runs as an unprivileged user, which cannot enter ${home}.`,
    {
      fix: 'Choose a DATA_DIR that every user can reach, start as another user, or set DATABASE_URL to a PostgreSQL of your own.',
    },
  )
}

async function majorOf(cluster: Cluster): Promise<string | undefined> {
  return (await ifThere(readFile(join(cluster.data, 'PG_VERSION'), 'utf8')))?.trim()
}

/** https://www.postgresql.org/docs/18/app-initdb.html */
async function makeData(cluster: Cluster): Promise<string> {
  const fresh = await mkdtemp(join(cluster.home, 'new-'))
  if (cluster.user !== undefined) await chown(fresh, cluster.user.uid, cluster.user.gid)
  const args = ['--username=postgres', '--pwfile=../password', '--auth=scram-sha-256', '--no-instructions']
  // A locale of PostgreSQL's own: text sorts the same on every machine and after every update of the system.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const folder = cluster.dataArgument === cluster.data ? fresh : cluster.dataArgument
  const { exit, output } = await runProgram(cluster.binaries.initdb, ['-D', folder, ...args, ...locale], {
    user: cluster.user,
    cwd: fresh,
  })
  try {
    if (exit === 0) await rename(fresh, cluster.data)
  } catch (error) {
    // Another process was faster.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'EPERM')) throw error
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  await flush(cluster.home)
  await removeLeftovers(cluster.home)
  const major = await majorOf(cluster)
  if (major !== undefined) return major
  if (!(await hasDiskSpace(cluster.home))) throw noDiskSpace(cluster.home)
  throw new NeedsPerson('store.embedded_not_made', 'initdb could not make the embedded PostgreSQL.', {
    fix: 'Read what initdb wrote, in the details of this failure, or set DATABASE_URL to a PostgreSQL of your own.',
    details: { initdb: output.trim().split('\n').slice(-3).join(' ') },
  })
}

/** What a start that was killed half way has left; younger ones are of starts that are still under way. */
async function removeLeftovers(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith('new-')) continue
    const folder = join(home, name)
    const made = (await ifThere(stat(folder)))?.mtimeMs ?? systemClock.now().getTime()
    if (systemClock.now().getTime() - made > 10 * 60_000) await rm(folder, { recursive: true, force: true })
  }
}

/** The file's content: `text` when there was none. Never half a file, whoever crashes or runs at the same moment. */
async function writeOnce(file: string, text: string, user: ServerUser | undefined): Promise<string> {
  const there = await ifThere(readFile(file, 'utf8'))
  if (there !== undefined) return there
  const fresh = `${file}.${randomBytes(4).toString('hex')}`
  const handle = await open(fresh, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    if (user !== undefined) await handle.chown(user.uid, user.gid)
    await handle.sync()
    await link(fresh, file)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    await handle.close()
    await rm(fresh, { force: true })
  }
  return readFile(file, 'utf8')
}

/** A rename survives a power cut once its folder is on disk. Windows cannot open a folder, and needs no flush. */
async function flush(folder: string): Promise<void> {
  if (platform() === 'win32') return
  const handle = await open(folder)
  await handle.sync().finally(() => handle.close())
}
