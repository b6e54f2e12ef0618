/** The folder of the embedded PostgreSQL: created once, durable, and reused by every later start. */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import {
  chmod,
  chown,
  link,
  mkdir,
  mkdtemp,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { platform } from 'node:os'
import { join, resolve } from 'node:path'

import { systemClock } from '../base/clock.ts'
import { NeedsPerson } from '../base/failure.ts'
import { type Address, socketIn } from './address.ts'
import { type Binaries, findBinaries } from './binaries.ts'
import { hasDiskSpace, noDiskSpace } from './disk-space.ts'
import { flushFolder } from './flush.ts'
import { hasCode, ifThere } from './if-there.ts'
import { readOwn, removeTree, type ServerUser, takeOver } from './own-files.ts'
import { canEnter, type Owners, ownersOf } from './owners.ts'
import { runProgram } from './program.ts'

export interface Cluster {
  /** `<dataDir>/postgres`: the data, its password, the last port and the server's log. */
  readonly home: string
  readonly data: string
  /** The name of `data` for the server, whose working directory it is. */
  readonly dataArgument: string
  readonly binaries: Binaries
  readonly user: ServerUser | undefined
  /** The owner of the files beside the data. */
  readonly owner: Owners['home']
  /** Undefined: sockets are impossible here, and the server listens on a port. */
  readonly socket: Address | undefined
  /** The superuser's password. */
  readonly password: string
}

export interface ClusterOptions {
  /** Listens on a port even if a socket is possible. Default false. */
  readonly tcp?: boolean | undefined
}

/**
 * Opens the cluster below `dataDir`, and creates it at the first start. Several processes may do so at the same moment:
 * each creates a whole cluster and renames it into place, the first one wins, and no lock can be left behind.
 */
export async function openCluster(dataDir: string, { tcp = false }: ClusterOptions = {}): Promise<Cluster> {
  const home = await homeIn(dataDir)
  const { server: user, home: owner } = await ownersOf(home)
  if (owner === 'us') await makeHome(home, user)
  const data = join(home, 'data')
  const binaries = await findBinaries(user)
  const password = await passwordOf(home, owner)
  const cluster: Cluster = {
    ...{ home, data, dataArgument: await nameFor(data, home, user) },
    ...{ binaries, user, owner, password },
    socket: tcp ? undefined : socketIn(data),
  }
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

/** Follows a link, to another disk for example, if only root could have put it there. */
async function homeIn(dataDir: string): Promise<string> {
  const folder = resolve(dataDir)
  const there = await ifThere(stat(folder))
  const onlyRoots = there?.uid === 0 && (there.mode & 0o022) === 0
  const found = onlyRoots ? await ifThere(realpath(join(folder, 'postgres'))) : undefined
  return found ?? join(folder, 'postgres')
}

async function makeHome(home: string, user: ServerUser | undefined): Promise<void> {
  try {
    await mkdir(home, { recursive: true })
    if (user === undefined) await chmod(home, 0o700)
    else await makeRoots(home)
  } catch (cause) {
    if (!hasCode(cause, 'EACCES', 'EPERM', 'EROFS')) throw cause
    throw notOurs(home, cause)
  }
}

/** The server's user must be able to pass through to its data, and to do nothing else. */
async function makeRoots(home: string): Promise<void> {
  const folder = await open(home, constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    await folder.chown(0, 0)
    await folder.chmod(0o711)
  } finally {
    await folder.close()
  }
  for (const name of ['password', 'port', 'server.log', 'server.log.1']) await takeOver(join(home, name))
}

function notOurs(home: string, cause?: unknown): NeedsPerson {
  return new NeedsPerson('store.embedded_owner', `${home} cannot be written, or belongs to another user.`, {
    fix: 'Start as the user who owns it, choose another DATA_DIR, or set DATABASE_URL to a PostgreSQL of your own.',
    cause,
  })
}

async function passwordOf(home: string, owner: Owners['home']): Promise<string> {
  const file = join(home, 'password')
  const there = await readOwn(file)
  if (there !== undefined) return there.toString()
  // Root creates nothing in another user's folder.
  if (owner === 'other') throw notOurs(home)
  return writeOnce(file, randomBytes(24).toString('base64url'))
}

/**
 * A folder below one that only root can enter, such as /root/x/data, has no path for an unprivileged server. But it
 * can be the server's working directory, which we enter as root, and Linux gives every process this name for it. So
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
  return (await readOwn(join(cluster.data, 'PG_VERSION')))?.toString().trim()
}

async function makeData(cluster: Cluster): Promise<string> {
  if (cluster.owner === 'other') throw notOurs(cluster.home)
  const fresh = await mkdtemp(join(cluster.home, 'new-'))
  const { exit, output } = await initialise(cluster, fresh)
  try {
    if (exit === 0) await rename(join(fresh, 'data'), cluster.data)
  } catch (error) {
    // Another process was faster.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'EPERM')) throw error
  } finally {
    await removeTree(fresh, cluster.user)
  }
  await flushFolder(cluster.home)
  await removeLeftovers(cluster)
  const major = await majorOf(cluster)
  if (major !== undefined) return major
  if (!(await hasDiskSpace(cluster.home))) throw noDiskSpace(cluster.home)
  throw new NeedsPerson('store.embedded_not_made', 'initdb could not make the embedded PostgreSQL.', {
    fix: 'Read what initdb wrote, in the details of this failure, or set DATABASE_URL to a PostgreSQL of your own.',
    details: { initdb: output.trim().split('\n').slice(-3).join(' ') },
  })
}

/** Initialises `fresh/data`, beside a copy of the password that the server's user can read. https://www.postgresql.org/docs/18/app-initdb.html */
async function initialise({ binaries, data, dataArgument, password, user }: Cluster, fresh: string) {
  const made = join(fresh, 'data')
  await mkdir(made, { mode: 0o700 })
  await writeFile(join(fresh, 'password'), password, { mode: 0o600, flag: 'wx' })
  if (user !== undefined)
    for (const path of [made, join(fresh, 'password'), fresh]) await chown(path, user.uid, user.gid)
  const args = ['--username=postgres', '--pwfile=../password', '--auth=scram-sha-256', '--no-instructions']
  // A locale of PostgreSQL's own: text sorts the same on every machine and after every system update.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const folder = dataArgument === data ? made : dataArgument
  return runProgram(binaries.initdb, ['-D', folder, ...args, ...locale], { user, cwd: made })
}

/** Removes what killed starts left behind; younger folders belong to starts that are still under way. */
async function removeLeftovers({ home, user }: Cluster): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith('new-')) continue
    const folder = join(home, name)
    const made = (await ifThere(stat(folder)))?.mtimeMs ?? systemClock.now().getTime()
    if (systemClock.now().getTime() - made > 10 * 60_000) await removeTree(folder, user)
  }
}

/** Returns the file's content, after writing `text` if it did not exist. Never half a file, despite crashes and other processes. */
async function writeOnce(file: string, text: string): Promise<string> {
  const fresh = `${file}.${randomBytes(4).toString('hex')}`
  const handle = await open(fresh, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
    await link(fresh, file)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    await handle.close()
    await rm(fresh, { force: true })
  }
  return (await readOwn(file))?.toString() ?? text
}
