/** H4: who is on the same machine, or in the database, gets no further than that. */
import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chown,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { backUp } from '../../src/backup/backup.ts'
import { type Embedded, startEmbedded } from '../../src/embedded-postgres/embedded.ts'
import { superuserUrl } from '../../src/embedded-postgres/superuser.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { postmasterPid, startProcess } from '../support/embedded-process.ts'
import { isRoot, ordinaryUser } from '../support/users.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

const execute = promisify(execFile)

let dataDir: string
let home: string
const closing: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'embedded-'))
  home = join(dataDir, 'postgres')
  closing.push(() => rm(dataDir, { recursive: true }))
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const start = async (folder = dataDir): Promise<Embedded> => {
  const embedded = await startEmbedded({ dataDir: folder, log: silentLog })
  closing.push(() => embedded.release())
  return embedded
}
const query = async (url: string, text: string) => {
  const pool = openPool(url, 1)
  try {
    return (await pool.query<Record<string, unknown>>(text)).rows
  } finally {
    await pool.end()
  }
}
const refused = { code: '42501' }

describe('H4: the embedded PostgreSQL', () => {
  it('gives the service no more than its own tables', async () => {
    const embedded = await start()
    await query(embedded.url, 'create table hires as select 1 as id; create schema queue; drop schema queue')
    for (const text of [
      `copy hires to program 'id'`,
      `copy hires from program 'id'`,
      `copy hires to '/tmp/hires'`,
      `select pg_read_file('PG_VERSION')`,
      `select pg_ls_dir('.')`,
      `select lo_import('/etc/passwd')`,
      'alter system set archive_mode = on',
      'create role another superuser',
      'set role postgres',
      'alter role pinpoint_webhooks superuser',
      'create extension dblink',
      `create function run(text) returns int language c as '/lib/libc.so.6', 'system'`,
      `select pg_backup_start('mine')`,
    ])
      await expect(query(embedded.url, text), text).rejects.toThrow(
        /permission denied|must be|not available|denied/,
      )
    await expect(query(embedded.backupUrl, 'select * from hires')).rejects.toMatchObject(refused)
    await expect(query(embedded.backupUrl, `copy (select 1) to program 'id'`)).rejects.toMatchObject(refused)
  })

  it('is reached by a socket in a folder of its user, and by nobody else', async () => {
    const { url } = await start()
    expect(decodeURIComponent(new URL(url).hostname)).toBe(join(home, 'data'))
    expect((await stat(join(home, 'data'))).mode & 0o777).toBe(0o700)
    expect((await lstat(join(home, 'data/.s.PGSQL.5432'))).isSocket()).toBe(true)
    if (!isRoot) return
    const { status, stderr } = spawnSync(
      process.execPath,
      ['-e', `require('net').connect(${JSON.stringify(join(home, 'data/.s.PGSQL.5432'))})`],
      { ...ordinaryUser(), cwd: '/', encoding: 'utf8' },
    )
    // Where the other user cannot run Node either, that is as good.
    expect([status, stderr]).toEqual([expect.not.stringMatching('^0$'), expect.stringMatching(/EACCES|^$/)])
  })

  it('hands over what an older version made as superuser', async () => {
    const first = await start()
    await query(
      await superuserUrl(first),
      `create schema queue; create type queue.state as enum ('new');
       create table queue.jobs (id bigserial primary key, at int generated always as identity, state queue.state)
         partition by list (id);
       create table queue.first partition of queue.jobs for values in (1);
       create sequence numbers; create view news as select * from queue.jobs;
       create function one() returns int language sql as 'select 1';
       create domain short as text check (length(value) < 9)`,
    )
    await expect(query(first.url, 'drop table queue.first')).rejects.toMatchObject(refused)
    await first.release()
    const second = await start()
    for (const text of [
      `insert into queue.jobs (id, state) values (1, 'new')`,
      'alter table queue.jobs add column more int',
      `alter type queue.state add value 'old'`,
      'alter sequence numbers restart',
      'drop view news',
      'drop function one()',
      'drop domain short',
      'drop table queue.first',
      'drop schema queue cascade',
    ])
      await query(second.url, text)
  })

  it('of an older version is left by its port once nobody uses it', async () => {
    const older = await startProcess(dataDir, { tcp: true })
    expect(new URL(older.url).hostname).toBe('127.0.0.1')
    await expect(startEmbedded({ dataDir, log: silentLog })).rejects.toMatchObject({
      code: 'store.embedded_in_use',
      fix: expect.stringMatching(/^Stop that service/) as string,
    })
    await query(older.url, 'create table kept as select 1 as id')
    await older.kill()
    const now = await start()
    expect(now.adopted).toBe(false)
    expect(await query(now.url, 'select id from kept')).toEqual([{ id: 1 }])
  })

  it('on a port gives no password to who takes it while the server is down', async () => {
    const embedded = await start(join(dataDir, 'where-the-path-of-a-socket-would-be-too-long'.repeat(3)))
    const { hostname, port, password } = new URL(embedded.url)
    expect(hostname).toBe('127.0.0.1')
    const superuser = new URL(await superuserUrl(embedded)).password
    const pool = openPool(embedded.url, 2)
    closing.push(() => pool.end())
    await pool.query('select 1')
    await embedded.release()

    const heard: Buffer[] = []
    const stranger = await listen(Number(port), heard)
    closing.push(() => new Promise((resolve) => stranger.close(resolve)))
    for (const url of [embedded.url, embedded.backupUrl, await superuserUrl(embedded)])
      await expect(query(url, 'select 1')).rejects.toMatchObject({ code: 'NOT_SCRAM' })
    await expect(pool.query('select 1')).rejects.toThrow()
    const all = Buffer.concat(heard).toString('latin1')
    expect(all).toContain('pinpoint_webhooks')
    for (const secret of [password, superuser]) expect(all).not.toContain(secret)
  })
})

/** A server that asks for the password in clear text. */
async function listen(port: number, heard: Buffer[]): Promise<Server> {
  const ask = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      heard.push(data)
      socket.write(ask)
    })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

describe.runIf(isRoot)('H4: as root, the embedded PostgreSQL', () => {
  const idOf = async (path: string) => (await lstat(path)).uid
  const backUpOutside = async (embedded: Embedded) => {
    const folder = await mkdtemp(join(tmpdir(), 'embedded-backup-'))
    closing.push(() => rm(folder, { recursive: true }))
    return backUp({ embedded, folder, signal: new AbortController().signal })
  }
  /** A folder as 0.1.0 left it: all of it the server's user's. */
  const ofOldVersion = async () => {
    const embedded = await start()
    await query(embedded.url, 'create table kept as select 1 as id')
    await embedded.release()
    const { uid, gid } = await stat(join(home, 'data'))
    expect(uid).not.toBe(0)
    for (const name of ['password', 'server.log']) await chown(join(home, name), uid, gid)
    await chown(home, uid, gid)
    return { uid, gid }
  }

  it('gives its user the data and nothing else, also in a folder of 0.1.0', async () => {
    const user = await ofOldVersion()
    const embedded = await start()
    expect(await query(embedded.url, 'select id from kept')).toEqual([{ id: 1 }])
    for (const path of [home, join(home, 'password'), join(home, 'server.log')])
      expect(await idOf(path)).toBe(0)
    expect(await idOf(join(home, 'data'))).toBe(user.uid)
    expect((await stat(home)).mode & 0o777).toBe(0o711)
    for (const name of ['password', 'server.log'])
      expect((await stat(join(home, name))).mode & 0o777).toBe(0o600)
  })

  let old: string | undefined
  /** The same in less time: a copy of one that is made once. */
  const copyOfOldVersion = async () => {
    if (old === undefined) {
      await ofOldVersion()
      old = await mkdtemp(join(tmpdir(), 'embedded-old-'))
      await execute('cp', ['-a', `${home}/.`, old])
      return
    }
    await mkdir(home)
    await execute('cp', ['-a', `${old}/.`, home])
  }
  afterAll(() => old !== undefined && rm(old, { recursive: true }))

  it.each(['server.log', 'server.log.1', 'port', 'password'])(
    'follows no link that was planted as %s',
    async (name) => {
      const victim = join(dataDir, 'victim')
      for (const plant of [symlink, link]) {
        await copyOfOldVersion()
        await writeFile(victim, 'secret of root', { mode: 0o600 })
        await rm(join(home, name), { force: true })
        await plant(victim, join(home, name))
        await expect(startEmbedded({ dataDir, log: silentLog })).rejects.toMatchObject({
          code: 'store.embedded_link',
          message: expect.stringContaining(join(home, name)) as string,
        })
        const { uid, mode } = await stat(victim)
        expect([uid, mode & 0o777, await readFile(victim, 'utf8')]).toEqual([0, 0o600, 'secret of root'])
        expect(await postmasterPid(dataDir)).toBeUndefined()
        await rm(home, { recursive: true })
      }
    },
  )

  it('backs up what the server has, and nothing that it was led to', async () => {
    const embedded = await start()
    const user = await idOf(join(home, 'data'))
    const victim = join(dataDir, 'victim')
    await writeFile(victim, 'secret of root', { mode: 0o600 })
    await symlink(victim, join(home, 'data/base/link'))
    const { folder } = await backUpOutside(embedded)
    expect(await readdir(join(folder, 'postgres/data/base'))).not.toContain('link')
    for (const name of ['data', 'data/base', 'data/global/pg_control', 'data/backup_label'])
      expect(await idOf(join(folder, 'postgres', name)), name).toBe(user)
    for (const name of ['', 'password']) expect(await idOf(join(folder, 'postgres', name)), name).toBe(0)

    await link(victim, join(home, 'data/base/second-name'))
    await expect(backUpOutside(embedded)).rejects.toMatchObject({ code: 'store.embedded_link' })
  })

  it('takes no link for its folder or for its data', async () => {
    const user = await ofOldVersion()
    await chown(dataDir, user.uid, user.gid)
    const elsewhere = await mkdtemp(join(tmpdir(), 'embedded-victim-'))
    closing.push(() => rm(elsewhere, { recursive: true }))
    await rm(home, { recursive: true })
    await symlink(elsewhere, home)
    await expect(startEmbedded({ dataDir, log: silentLog })).rejects.toMatchObject({
      code: 'store.embedded_link',
    })
    expect(await idOf(elsewhere)).toBe(0)
  })
})
