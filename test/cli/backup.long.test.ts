// `backup`, of a service at work: what it writes is restored by starting a service on it.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { openPool } from '../../src/postgres/database.ts'
import { failJson, runCommand } from '../support/command.ts'
import { embeddedUrl, type Installation, openInstallation } from '../support/installation.ts'
import { expectExactly } from '../support/oracle.ts'
import { commandsBelow, runBlock } from '../support/page-commands.ts'
import { until } from '../support/until.ts'

// A process each command: seconds on a machine that does other things too.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

let installation: Installation
beforeEach(async () => {
  installation = await openInstallation()
})
afterEach(() => installation.close())

const path = (name: string) => join(installation.folder, name)
const keyFile = () => join(installation.env['DATA_DIR'] ?? '', 'encryption-keys')
const page = 'docs/operate/backup-and-restore.md'
const [, restore = ''] = await commandsBelow(page, 'The embedded PostgreSQL')

/** As the page says it, in a folder of its own. */
async function restored(backup: string, name: string, keys: string) {
  await mkdir(path(name))
  const instead = { '/backups/2026-11-25': backup, '/safe/pinpoint-webhooks.keys': keys }
  await runBlock(restore, { cwd: path(name), instead })
  return { ...installation.env, DATA_DIR: path(`${name}/data`) }
}

/** Numbers from 1 on, each committed before the next one: a hole in them is something that was lost. */
async function openWriter(dataDir: string) {
  const pool = openPool(await embeddedUrl(dataDir), 2)
  await pool.query('create table written (number int primary key, filler text)')
  let last = 0
  const stop = new AbortController()
  const writing = (async () => {
    while (!stop.signal.aborted) {
      await pool.query('insert into written values ($1::int, repeat(md5($1::int::text), 200))', [last + 1])
      last++
      // Pages that are rewritten while they are copied, and log that could be thrown away.
      if (last % 50 !== 0) continue
      await pool.query('update written set filler = reverse(filler)')
      await pool.query('checkpoint')
    }
  })()
  return {
    last: () => last,
    async stop() {
      stop.abort()
      await writing
      await pool.end()
    },
  }
}

async function writtenIn(dataDir: string): Promise<{ readonly count: number; readonly last: number }> {
  const pool = openPool(await embeddedUrl(dataDir), 1)
  try {
    const { rows } = await pool.query<{ count: number; last: number }>(
      'select count(*) as count, max(number) as last from written',
    )
    return rows[0] ?? { count: 0, last: 0 }
  } finally {
    await pool.end()
  }
}

describe('a backup', () => {
  it('of a service at work has everything that was committed when it began, and the service goes on', async () => {
    const { sandbox, env } = installation
    await installation.apply()
    const service = await installation.start()
    await installation.hire(service)
    await installation.settled(1)
    const writer = await openWriter(env['DATA_DIR'] ?? '')
    await until('some to be written', () => writer.last() > 20)

    const before = writer.last()
    const made = await installation.json(['backup', path('backup'), '--keys', path('keys')])
    const after = writer.last()
    await writer.stop()
    expect(made).toMatchObject({ folder: path('backup'), keys: { from: keyFile(), copy: path('keys') } })
    expect(after).toBeGreaterThan(before)
    expect(await readdir(path('backup'))).toEqual(['postgres'])
    expect(await readFile(path('keys'), 'utf8')).toBe(await readFile(keyFile(), 'utf8'))
    expect((await stat(path('keys'))).mode & 0o077).toBe(0)
    // A hire of after the backup: in the outside world, not in it.
    await installation.hire(service)
    await installation.settled(2)
    expect(await service.stop()).toBe(0)

    const other = await restored(path('backup'), 'restored', path('keys'))
    const next = await installation.start(other)
    const { count, last } = await writtenIn(path('restored/data'))
    expect(count).toBe(last)
    expect(last).toBeGreaterThanOrEqual(before)
    process.stdout.write(`backup: ${before} committed before it, ${after} after it, ${last} in it\n`)
    expect(await installation.settled(1, other)).toMatchObject([{ state: 'done' }])
    await installation.json(['doctor'], other)

    // Secrets open: the next hire goes through, and the one that the backup does not know is found.
    await installation.hire(next)
    await installation.json(['sweep', '--tenant', 'acme', '--since', '1d'], other)
    await installation.settled(3, other)
    expectExactly({ sandbox }, 3)
  })

  it('M3: knows what was pruned before it: the same event is a duplicate where it is restored', async () => {
    const { sandbox, env } = installation
    await installation.apply()
    const { id, job } = sandbox.pinpoint.addApplication()
    const triggeredAt = String(Math.floor(Date.now() / 1000))
    const send = async (url: string, there = env) => {
      const of = ['--application', id, '--job', job.id, '--triggered-at', triggeredAt]
      const sent = await installation.json(['send', '--tenant', 'acme', '--url', url, ...of], there)
      return (sent as { readonly answer: unknown }).answer
    }
    const before = await installation.start()
    expect(await send(before.url)).toMatchObject({ duplicate: false, runs: 1 })
    await installation.settled(1)
    const pool = openPool(await embeddedUrl(env['DATA_DIR'] ?? ''), 1)
    await pool.query(`update events set received_at = received_at - interval '401 days'`)
    await pool.query(`update runs set finished_at = finished_at - interval '401 days'`)
    await pool.query('delete from scheduled_jobs')
    await pool.end()
    expect(await before.stop()).toBe(0)
    const pruning = await installation.start()
    const events = () => installation.json(['events', 'list'])
    await until('it to be pruned', async () => ((await events()) as readonly unknown[]).length === 0)
    await installation.json(['backup', path('backup'), '--keys', path('keys')])
    expect(await pruning.stop()).toBe(0)

    const other = await restored(path('backup'), 'restored', path('keys'))
    const next = await installation.start(other)
    expect(await send(next.url, other)).toEqual({ event: null, duplicate: true, runs: 0 })
    expect(await next.stop()).toBe(0)
  })

  it('works while no service runs, and a second one beside it', async () => {
    await installation.apply()
    const both = ['one', 'two'].map((name) => installation.json(['backup', path(name)]))
    expect(await Promise.all(both)).toHaveLength(2)
    for (const name of ['one', 'two']) {
      const env = await restored(path(name), `from-${name}`, keyFile())
      expect(await installation.json(['tenants', 'list'], env)).toMatchObject([{ slug: 'acme' }])
    }
  })

  it('without its keys is told by doctor, and no service starts on it', async () => {
    await installation.apply()
    const service = await installation.start()
    await service.stop()
    await installation.json(['backup', path('backup')])
    const env = await restored(path('backup'), 'restored', keyFile())
    await rm(path('restored/data/encryption-keys'))
    const looked = await runCommand(['doctor'], { env })
    expect(looked).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^FAIL +Keys: There are none/m) as string,
    })
    await expect(installation.start(env)).rejects.toThrow('config.keys_missing')
    expect((await runCommand(['doctor'], { env })).stdout).toMatch(/^FAIL +Keys: There are none/m)
    await writeFile(path('restored/data/encryption-keys'), `other:${randomBytes(32).toString('base64')}\n`)
    await expect(installation.start(env)).rejects.toThrow('seal.key_unknown')
    expect((await runCommand(['doctor'], { env })).stdout).toMatch(/^FAIL +Keys: The encryption key "local-/m)
    await cp(keyFile(), path('restored/data/encryption-keys'))
    await installation.json(['doctor'], env)
    await installation.start(env)
  })

  it('says which keys it cannot be read without, and that they are not in it', async () => {
    await installation.apply()
    const { stdout } = await runCommand(['backup', path('backup')], { env: installation.env })
    const [id = ''] = (await readFile(keyFile(), 'utf8')).split(':')
    expect(stdout).toMatch(/^Backed up \d+ MB in [\d,]+ files/)
    expect(stdout).toContain(`WARNING: it cannot be read without ${keyFile()} (${id}), which is not in it`)
  })

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'that is ended half-way by %s is no backup, and does no harm',
    async (signal) => {
      await installation.apply()
      const service = await installation.start()
      const child = startBackup(path('backup'))
      const exited = once(child, 'exit')
      await until('it to have begun', async () =>
        (await readdir(path('backup')).catch((): string[] => [])).includes('postgres.partial'),
      )
      child.kill(signal)
      expect(await exited).toEqual(signal === 'SIGKILL' ? [null, 'SIGKILL'] : [75, null])
      expect(await readdir(path('backup'))).toEqual(signal === 'SIGKILL' ? ['postgres.partial'] : [])

      await installation.hire(service)
      await installation.settled(1)
      await installation.json(['backup', path('another')])
    },
  )
})

function startBackup(folder: string): ChildProcess {
  const main = join(import.meta.dirname, '../../src/main.ts')
  return spawn(process.execPath, [main, 'backup', folder], {
    env: { PATH: process.env['PATH'], ...installation.env },
    stdio: 'ignore',
  })
}

describe('a backup is refused', () => {
  const cases: readonly (readonly [
    code: string,
    line: () => readonly string[],
    env?: () => Readonly<Record<string, string>>,
  ])[] = [
    ['backup.folder_not_empty', () => [path('full')]],
    ['backup.folder_unusable', () => [path('full/file')]],
    ['backup.inside_data', () => [path('data/backup')]],
    ['backup.keys_beside', () => [path('backup'), '--keys', path('backup/keys')]],
    ['backup.keys_beside', () => [path('backup'), '--keys', path('data/keys')]],
    ['backup.keys_differ', () => [path('backup'), '--keys', path('full/file')]],
    ['backup.keys_not_written', () => [path('backup'), '--keys', path('nowhere/keys')]],
    ['backup.not_embedded', () => [path('backup')], () => ({ DATABASE_URL: 'postgresql://a@b.example/c' })],
    ['backup.nothing_there', () => [path('backup')], () => ({ DATA_DIR: path('elsewhere') })],
    [
      'backup.keys_in_environment',
      () => [path('backup'), '--keys', path('keys')],
      () => ({ ENCRYPTION_KEYS: `test:${Buffer.alloc(32).toString('base64')}` }),
    ],
  ]

  it('with a code and a fix each, and nothing is written', async () => {
    await installation.apply()
    await mkdir(path('full'))
    await writeFile(path('full/file'), 'kept')
    for (const [code, line, more = () => ({})] of cases) {
      const env = { ...installation.env, ...more() }
      const failure = await failJson(['backup', ...line()], { env })
      expect(failure, code).toMatchObject({
        code: 2,
        error: { code, fix: expect.stringMatching(/\.$/) as string },
      })
    }
    expect((await readdir(installation.folder)).sort()).toEqual(['data', 'full'])
    expect(await readFile(path('full/file'), 'utf8')).toBe('kept')

    await rm(keyFile())
    const failure = await failJson(['backup', path('backup')], { env: installation.env })
    expect(failure).toMatchObject({ code: 2, error: { code: 'backup.no_keys' } })
  })
})
