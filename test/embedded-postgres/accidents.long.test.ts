/** What a machine crash, a copy, a full port or an upgrade leaves behind does not keep the embedded server from starting. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type Embedded, startEmbedded } from '../../src/embedded-postgres/embedded.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { postmasterPid } from '../support/embedded-process.ts'

describe('embedded PostgreSQL after an accident', () => {
  let dataDir: string
  let home: string
  const closing: (() => Promise<unknown>)[] = []

  const start = async (folder = dataDir): Promise<Embedded> => {
    const embedded = await startEmbedded({ dataDir: folder, log: silentLog })
    closing.push(() => embedded.release())
    return embedded
  }
  const readKept = async ({ url }: Embedded) => {
    const pool = openPool(url, 1)
    const { rows } = await pool.query('select id from kept').finally(() => pool.end())
    return rows as unknown
  }
  const newFolder = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'embedded-'))
    closing.push(() => rm(folder, { recursive: true }))
    return folder
  }

  /** A stopped server with a row in it, and what postmaster.pid said while it ran. */
  const used = async () => {
    const embedded = await start()
    const pool = openPool(embedded.url, 1)
    await pool.query('create table kept as select 1 as id').finally(() => pool.end())
    const pidFile = await readFile(join(home, 'data/postmaster.pid'), 'utf8')
    await embedded.release()
    return { url: embedded.url, pidFile }
  }

  beforeEach(async () => {
    dataDir = await newFolder()
    home = join(dataDir, 'postgres')
  })
  afterEach(async () => {
    for (const close of closing.reverse()) await close()
    closing.length = 0
  })

  it('starts although postmaster.pid names a process of the same user that is no server', async () => {
    const { pidFile } = await used()
    const { uid, gid } = await stat(join(home, 'data'))
    const other = spawn('sleep', ['600'], { uid, gid })
    closing.push(async () => {
      other.kill()
      await once(other, 'exit')
    })
    const stale = pidFile.replace(/^\d+/, String(other.pid))
    await writeFile(join(home, 'data/postmaster.pid'), stale)
    await chown(join(home, 'data/postmaster.pid'), uid, gid)
    const embedded = await start()
    expect(embedded.adopted).toBe(false)
    expect(await readKept(embedded)).toEqual([{ id: 1 }])
    expect(other.exitCode ?? other.signalCode).toBeNull()
  })

  it('starts although postmaster.pid names nobody, or is cut off', async () => {
    const { pidFile } = await used()
    const { uid, gid } = await stat(join(home, 'data'))
    const longAgo = new Date(Date.now() - 3_600_000)
    for (const text of [pidFile, '']) {
      await writeFile(join(home, 'data/postmaster.pid'), text)
      await chown(join(home, 'data/postmaster.pid'), uid, gid)
      await utimes(join(home, 'data/postmaster.pid'), longAgo, longAgo)
      const embedded = await start()
      expect(await readKept(embedded)).toEqual([{ id: 1 }])
      await embedded.release()
    }
  })

  it('gives a copy of the folder a server of its own while the original runs', async () => {
    await used()
    const original = await start()
    const copy = await newFolder()
    // Copies as `cp -a` and `tar` make them, but for the socket, which Node cannot copy.
    const filter = async (source: string) => !(await lstat(source)).isSocket()
    await cp(dataDir, copy, { recursive: true, preserveTimestamps: true, filter })
    for (const entry of await readdir(copy, { recursive: true })) {
      const { uid, gid } = await stat(join(dataDir, entry))
      await chown(join(copy, entry), uid, gid)
    }
    const embedded = await start(copy)
    expect(embedded.adopted).toBe(false)
    expect(embedded.url).not.toBe(original.url)
    expect(await readKept(embedded)).toEqual([{ id: 1 }])
    expect(await readKept(original)).toEqual([{ id: 1 }])
  })

  it('takes another port when its last one is taken', async () => {
    dataDir = join(dataDir, 'where-the-path-of-a-socket-would-be-too-long'.repeat(3))
    home = join(dataDir, 'postgres')
    const { url } = await used()
    const other = createServer().listen({ host: '127.0.0.1', port: Number(new URL(url).port) })
    await once(other, 'listening')
    closing.push(() => new Promise((resolve) => other.close(resolve)))
    const embedded = await start()
    expect(embedded.url).not.toBe(url)
    expect(await readKept(embedded)).toEqual([{ id: 1 }])
  })

  it('clears up after a first start that was killed half way', async () => {
    await mkdir(join(home, 'new-killed/base'), { recursive: true })
    const longAgo = new Date(Date.now() - 3_600_000)
    await utimes(join(home, 'new-killed'), longAgo, longAgo)
    await start()
    expect((await readdir(home)).sort()).toEqual(['data', 'password', 'server.log'])
  })

  it('says what to do about data of another major version, and leaves it alone', async () => {
    await used()
    await writeFile(join(home, 'data/PG_VERSION'), '17\n')
    await expect(start()).rejects.toMatchObject({
      code: 'store.embedded_version',
      message: expect.stringContaining('17') as string,
      fix: expect.stringContaining('DATABASE_URL') as string,
    })
    expect(await postmasterPid(dataDir)).toBeUndefined()
  })

  it('says where to look when the server cannot start', async () => {
    await used()
    await rm(join(home, 'data/global/pg_control'))
    await expect(start()).rejects.toMatchObject({
      code: 'store.embedded_failed',
      message: expect.stringContaining('server.log') as string,
    })
  }, 60_000)
})
