/** The embedded server's promises, each tried with real processes that are really killed. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { startEmbedded } from '../../src/embedded-postgres/embedded.ts'
import { superuserUrl } from '../../src/embedded-postgres/superuser.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { type EmbeddedProcess, postmasterPid, startProcess } from '../support/embedded-process.ts'

describe('embedded PostgreSQL', () => {
  let dataDir: string
  const closing: (() => Promise<void>)[] = []

  const newFolder = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'embedded-'))
    closing.push(() => rm(folder, { recursive: true }))
    return folder
  }
  const start = async (folder = dataDir) => {
    const embedded = await startEmbedded({ dataDir: folder, log: silentLog })
    closing.push(() => embedded.release())
    return embedded
  }
  const process_ = async (folder = dataDir): Promise<EmbeddedProcess> => {
    const started = await startProcess(folder)
    closing.push(() =>
      (started.child.exitCode ?? started.child.signalCode) === null ? started.leave() : Promise.resolve(),
    )
    return started
  }
  const poolOn = (url: string): pg.Pool => {
    const pool = openPool(url, 2)
    closing.push(() => pool.end())
    return pool
  }
  const query = async (url: string, text: string) => {
    const pool = openPool(url, 1)
    try {
      return (await pool.query<Record<string, unknown>>(text)).rows
    } finally {
      await pool.end()
    }
  }

  beforeEach(async () => {
    dataDir = await newFolder()
  })
  afterEach(async () => {
    for (const close of closing.reverse()) await close()
    closing.length = 0
  })

  it('keeps its data over a clean stop, at the same address', async () => {
    const times: number[] = []
    const timed = async () => {
      const before = performance.now()
      const embedded = await startEmbedded({ dataDir, log: silentLog })
      times.push(Math.round(performance.now() - before))
      return embedded
    }
    const first = await timed()
    await query(first.url, 'create table kept as select 1 as id')
    await first.release()
    expect(await postmasterPid(dataDir)).toBeUndefined()
    const second = await timed()
    expect({ url: second.url, adopted: second.adopted }).toEqual({ url: first.url, adopted: false })
    expect(await query(second.url, 'select id from kept')).toEqual([{ id: 1 }])
    await second.release()
    await (await timed()).release()
    process.stdout.write(`embedded PostgreSQL: start ${times.join(' ms, ')} ms\n`)
  })

  it('is durable, listens on a socket in its own folder only, and sorts and folds text as UTF-8', async () => {
    const embedded = await start()
    const [row] = await query(
      await superuserUrl(embedded),
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
       current_setting('listen_addresses') as listens, current_setting('unix_socket_directories') as sockets,
       current_setting('server_encoding') as encoding, lower('É') as lower`,
    )
    expect(row).toEqual({
      fsync: 'on',
      commit: 'on',
      listens: '',
      sockets: '.',
      encoding: 'UTF8',
      lower: 'é',
    })
    const stranger = new URL(embedded.url)
    stranger.password = 'wrong'
    await expect(query(stranger.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  })

  it('outlives a killed service; the next start takes it over and loses nothing', async () => {
    const killed = await process_()
    await query(killed.url, 'create table kept as select 1 as id')
    const pid = await postmasterPid(dataDir)
    await killed.kill()
    const next = await start()
    expect({ url: next.url, adopted: next.adopted }).toEqual({ url: killed.url, adopted: true })
    expect(await postmasterPid(dataDir)).toBe(pid)
    expect(await query(next.url, 'select id from kept')).toEqual([{ id: 1 }])
    await next.release()
    expect(await postmasterPid(dataDir)).toBeUndefined()
  })

  it('stops with the last one who leaves, not before', async () => {
    const service = await process_()
    const command = await process_()
    expect([service.adopted, command.adopted]).toEqual([false, true])
    await service.leave()
    expect(await query(command.url, 'select 1 as id')).toEqual([{ id: 1 }])
    await command.leave()
    expect(await postmasterPid(dataDir)).toBeUndefined()
  })

  it('is started once when eight processes open a new folder at the same moment', async () => {
    const users = await Promise.all(Array.from({ length: 8 }, () => process_()))
    expect(users.filter(({ adopted }) => !adopted)).toHaveLength(1)
    expect(new Set(users.map(({ url }) => url)).size).toBe(1)
    expect((await readdir(join(dataDir, 'postgres'))).sort()).toEqual(['data', 'password', 'server.log'])
    await Promise.all(users.map((user) => user.leave()))
    expect(await postmasterPid(dataDir)).toBeUndefined()
  })

  it('survives users that come and go at the same moment', async () => {
    const rounds = Array.from({ length: 6 }, async (_, id) => {
      for (let round = 0; round < 5; round++) {
        const embedded = await startEmbedded({ dataDir, log: silentLog })
        const text = `create table if not exists t${id} (at int); insert into t${id} values (${round})`
        await query(embedded.url, text)
        await embedded.release()
      }
    })
    await Promise.all(rounds)
    const { url } = await start()
    for (const id of rounds.keys()) {
      expect(await query(url, `select count(*) from t${id}`)).toEqual([{ count: 5 }])
    }
  })

  it('runs twice beside itself in two folders', async () => {
    const [one, other] = await Promise.all([start(), start(await newFolder())])
    expect(one.url).not.toBe(other.url)
    expect([one.adopted, other.adopted]).toEqual([false, false])
  })

  it('is started again at the same address when it is killed under a service, whose pool goes on', async () => {
    const embedded = await start()
    const pool = poolOn(embedded.url)
    await pool.query('create table kept as select 1 as id')
    process.kill((await postmasterPid(dataDir)) ?? 0, 'SIGKILL')
    await expect
      .poll(
        () =>
          pool.query('select id from kept').then(
            ({ rows }) => rows as unknown,
            () => 'away',
          ),
        {
          timeout: 20_000,
        },
      )
      .toEqual([{ id: 1 }])
    await embedded.ensureRunning()
  })

  it('is started again once for two services that notice at the same moment', async () => {
    const services = [await process_(), await process_()]
    const embedded = await start()
    const before = await postmasterPid(dataDir)
    process.kill(before ?? 0, 'SIGKILL')
    await expect.poll(() => postmasterPid(dataDir)).not.toBe(before)
    await embedded.ensureRunning()
    expect(await query(embedded.url, 'select 1 as id')).toEqual([{ id: 1 }])
    await expect
      .poll(() => query(embedded.url, `select count(*) from pg_locks where locktype = 'advisory'`))
      .toEqual([{ count: 3 }])
    await Promise.all(services.map((service) => service.leave()))
    expect(await query(embedded.url, 'select 1 as id')).toEqual([{ id: 1 }])
  })

  it('is started again although a statement that notices nothing goes on in the killed one', async () => {
    const embedded = await start()
    const pool = poolOn(embedded.url)
    const endless = pool.query('do $$ begin loop perform 1; end loop; end $$').catch(() => 'cut')
    const busy = `select count(*) from pg_stat_activity where query like 'do %' and state = 'active'`
    await expect.poll(() => query(embedded.url, busy)).toEqual([{ count: 1 }])
    process.kill((await postmasterPid(dataDir)) ?? 0, 'SIGKILL')
    expect(await endless).toBe('cut')
    await embedded.ensureRunning()
    expect(await query(embedded.url, busy)).toEqual([{ count: 0 }])
  })

  it('writes no statement and no row into its log', async () => {
    const { url, home } = await start()
    const text = `create table people (email text unique); insert into people values ('ada@example.com'), ('ada@example.com')`
    await expect(query(url, text)).rejects.toMatchObject({ code: '23505' })
    await expect(query(url, `select 'ada@example.com'::int`)).rejects.toMatchObject({ code: '22P02' })
    expect(await readFile(join(home, 'server.log'), 'utf8')).not.toContain('ada')
  })
})
