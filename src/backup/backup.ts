/**
 * A base backup of the running embedded server, with the WAL that completes it: PostgreSQL's low-level API, since npm
 * brings no pg_basebackup. https://www.postgresql.org/docs/18/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 * The result is a DATA_DIR: a service started on it has everything that was committed when the backup ended.
 */
import { randomBytes } from 'node:crypto'
import { chown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'

import type pg from 'pg'

import { NeedsPerson, RetryLater } from '../base/failure.ts'
import type { Embedded } from '../embedded-postgres/embedded.ts'
import { flushFolder } from '../embedded-postgres/flush.ts'
import { hasCode } from '../embedded-postgres/if-there.ts'
import { isInside } from '../embedded-postgres/inside.ts'
import { readOwn, type ServerUser } from '../embedded-postgres/own-files.ts'
import { openPool } from '../postgres/database.ts'
import { away, type Queryable, queryable } from '../postgres/transaction.ts'
import {
  type Copier,
  type CopierOptions,
  copyFolder,
  createCopier,
  flushFolders,
  giveTree,
  readSteady,
} from './backup-files.ts'

export interface BackupRequest extends Omit<CopierOptions, 'owner'> {
  readonly embedded: Pick<Embedded, 'backupUrl' | 'home'>
  /** The target: an empty folder, or one that does not exist yet. */
  readonly folder: string
}

export interface BackedUp {
  readonly folder: string
  readonly files: number
  readonly bytes: number
  /** The server's version, such as `18.4`. */
  readonly postgres: string
}

export async function backUp({ embedded, folder, ...options }: BackupRequest): Promise<BackedUp> {
  const { home, backupUrl } = embedded
  const place = await prepareFolder(resolve(folder), dirname(home))
  // Gets its final name only once it is complete: half a copy is never mistaken for a backup.
  const partial = join(place, 'postgres.partial')
  try {
    const copier = createCopier({ ...options, owner: await dataOwner(home) })
    await copier.folder(partial)
    const postgres = await copyDatabase(backupUrl, home, { copier, to: partial })
    await handOver(partial, home)
    await flushFolders(partial)
    await rename(partial, join(place, 'postgres'))
    await flushFolder(place)
    return { folder: place, files: copier.files, bytes: copier.bytes, postgres }
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw hasCode(error, 'ENOSPC', 'EDQUOT') ? noBackupSpace(place, error) : error
  }
}

/** As root, only files that the server's user can read anyway are copied as the server's. */
async function dataOwner(home: string): Promise<ServerUser | undefined> {
  return process.getuid?.() === 0 ? stat(join(home, 'data')) : undefined
}

/**
 * PostgreSQL opens its files only if they belong to its user. They stay root's until the copy is complete, because root must not
 * write into a folder of that user.
 */
async function handOver(copy: string, home: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  await giveTree(join(copy, 'data'), await stat(join(home, 'data')))
  const { uid, gid } = await stat(home)
  await chown(join(copy, 'password'), uid, gid)
  await chown(copy, uid, gid)
}

async function prepareFolder(folder: string, dataDir: string): Promise<string> {
  try {
    if (await isInside(folder, dataDir)) throw insideData(folder, dataDir)
    await mkdir(folder, { recursive: true })
    if ((await readdir(folder)).length === 0) return folder
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause
    if (hasCode(cause, 'ENOSPC', 'EDQUOT')) throw noBackupSpace(folder, cause)
    throw new NeedsPerson('backup.folder_unusable', `${folder} cannot be used for a backup.`, {
      fix: 'Give a folder that this user may write to.',
      cause,
    })
  }
  throw new NeedsPerson('backup.folder_not_empty', `${folder} is not empty.`, {
    fix: 'Give a folder that is empty or does not exist yet: nothing is overwritten.',
  })
}

function noBackupSpace(folder: string, cause: unknown): NeedsPerson {
  return new NeedsPerson('backup.disk_full', `There is no room on the disk for a backup in ${folder}.`, {
    fix: 'Free some space or choose a folder on another disk, then try again.',
    cause,
  })
}

function insideData(folder: string, dataDir: string): NeedsPerson {
  return new NeedsPerson('backup.inside_data', `${folder} is in the data folder ${dataDir}.`, {
    fix: 'Give a folder outside of it, best on another disk: what destroys the one must not destroy the other.',
  })
}

/** One connection throughout: without it, the server forgets the backup. */
async function copyDatabase(
  backupUrl: string,
  home: string,
  given: { readonly copier: Copier; readonly to: string },
): Promise<string> {
  const pool = openPool(backupUrl, 1)
  try {
    return await copyOn(await away(pool.connect()), home, given)
  } finally {
    await pool.end()
  }
}

async function copyOn(
  client: pg.PoolClient,
  home: string,
  given: { readonly copier: Copier; readonly to: string },
): Promise<string> {
  // A connection that is lost while it is checked out emits an error; the statement under way rejects as well.
  client.on('error', () => {})
  try {
    return await copyThrough(queryable(client, { atMost: 'none' }), home, given)
  } finally {
    // Closed instead of released: that drops the slot, and ends a backup that failed half-way.
    client.release(true)
  }
}

async function copyThrough(
  server: Queryable,
  home: string,
  { copier, to }: { readonly copier: Copier; readonly to: string },
): Promise<string> {
  const [from, data] = [join(home, 'data'), join(to, 'data')]
  await assertOneFolder(from)
  // Retains the WAL that the backup needs, however long it takes.
  const slot = `backup_${randomBytes(6).toString('hex')}`
  await server.query('select pg_create_physical_replication_slot($1, true, true)', [slot])
  const { first, version } = await one<{ first: string; version: string }>(
    server,
    `select pg_walfile_name(pg_backup_start('pinpoint-webhooks', true)) as first,
       current_setting('server_version') as version`,
  )
  await copyFolder(copier, { from, to: data, skip: isLeftOut })
  // Last, as pg_basebackup does it.
  await copier.text(join(data, 'global/pg_control'), await readSteady(join(from, 'global/pg_control')))
  const { last, label } = await one<{ last: string; label: string }>(
    server,
    'select pg_walfile_name(lsn) as last, labelfile as label from pg_backup_stop(false)',
  )
  await copier.text(join(data, 'backup_label'), label)
  await copyLog(copier, { from: join(from, 'pg_wal'), to: join(data, 'pg_wal'), first, last })
  await copier.text(join(to, 'password'), (await readOwn(join(home, 'password')))?.toString() ?? '')
  return version
}

/** State of a running server, worthless or harmful in another one; see the link above. */
const emptied =
  /^(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/./
const omitted = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'current_logfiles',
  'backup_label',
  'tablespace_map',
  'backup_manifest',
  'recovery.signal',
  'standby.signal',
])

function isLeftOut(path: string): boolean {
  const name = basename(path)
  return (
    emptied.test(path.replaceAll(sep, '/')) ||
    omitted.has(path) ||
    // Sockets and their locks.
    name.startsWith('.s.PGSQL.') ||
    path === join('global', 'pg_control') ||
    name === 'pg_internal.init' ||
    name.startsWith('pgsql_tmp')
  )
}

/** Copies the WAL from the segment in which the backup began to the one in which it ended, which the server has closed by now. */
async function copyLog(
  copier: Copier,
  {
    from,
    to,
    first,
    last,
  }: { readonly from: string; readonly to: string; readonly first: string; readonly last: string },
): Promise<void> {
  const names = (await readdir(from)).filter(
    (name) => name.endsWith('.history') || (/^[0-9A-F]{24}$/.test(name) && name >= first && name <= last),
  )
  for (const wanted of [first, last]) {
    if (names.includes(wanted)) continue
    throw new RetryLater('backup.log_gone', `The server removed its WAL segment ${wanted} during the backup.`)
  }
  const status = join(to, 'archive_status')
  await copier.folder(status)
  for (const name of names) {
    await copier.file(join(from, name), join(to, name))
    // The original server archives its WAL itself: a server started on the backup must not archive it again.
    await copier.text(join(status, `${name}.done`), '')
  }
}

async function assertOneFolder(data: string): Promise<void> {
  if ((await readdir(join(data, 'pg_tblspc'))).length === 0) return
  throw new NeedsPerson('backup.tablespaces', 'The database has tablespaces outside of its folder.', {
    fix: 'Move what they hold into the default tablespace and drop them, or stop the service and copy all folders.',
  })
}

async function one<Row extends pg.QueryResultRow>(server: Queryable, text: string): Promise<Row> {
  const [row] = (await server.query<Row>(text)).rows
  if (row === undefined) throw new Error('the server returned nothing about the backup')
  return row
}
