/** A PostgreSQL of the operator's own, backed up with PostgreSQL's programs as the page on backups says. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterEach, describe, expect, it, vi } from 'vitest'

import { freePort } from '../../src/embedded-postgres/free-port.ts'
import { openPool } from '../../src/postgres/database.ts'
import { type Installation, openInstallation } from '../support/installation.ts'
import { expectExactly } from '../support/oracle.ts'
import { commandsBelow, runBlock } from '../support/page-commands.ts'
import { until } from '../support/until.ts'
import { isRoot, ordinaryUser } from '../support/users.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 })

const programs = ['initdb', 'postgres', 'pg_dump', 'pg_restore', 'createdb', 'pg_basebackup']
/** Debian's place for them, the newest version first. */
const bin = globSync('/usr/lib/postgresql/{15,16,17,18,19}/bin')
  .sort()
  .reverse()
  .find((folder) => programs.every((name) => existsSync(join(folder, name))))
if (bin === undefined) {
  process.stdout.write(
    `Skipped: this machine does not have ${programs.join(', ')} of PostgreSQL 15 or later.\n`,
  )
}

const blocks = await commandsBelow('docs/operate/backup-and-restore.md', 'A PostgreSQL of your own')

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const user = isRoot ? ordinaryUser() : undefined
const execute = promisify(execFile)
const run = (program: string, ...args: readonly string[]) =>
  execute(join(bin ?? '', program), [...args], { ...user, cwd: '/' })

/** A server on a folder, gone with the test. */
async function serve(data: string): Promise<{ url(database: string): string }> {
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=']
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const server: ChildProcess = spawn(join(bin ?? '', 'postgres'), args, {
    ...user,
    cwd: '/',
    stdio: 'ignore',
  })
  closing.push(async () => {
    const exited = once(server, 'exit')
    server.kill('SIGINT')
    await exited
  })
  const url = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${database}`
  await until('PostgreSQL to answer', async () => {
    const pool = openPool(url('postgres'), 1)
    return pool
      .query('select 1')
      .then(() => true)
      .catch(() => false)
      .finally(() => pool.end())
  })
  return { url }
}

async function openScene(): Promise<{ installation: Installation; path: (name: string) => string }> {
  const installation = await openInstallation({
    ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
  })
  closing.push(() => installation.close())
  const path = (name: string) => join(installation.folder, 'own', name)
  await chmod(installation.folder, 0o755)
  await mkdir(path(''))
  if (user !== undefined) await chown(path(''), user.uid, user.gid)
  return { installation, path }
}

describe.skipIf(bin === undefined)('a PostgreSQL of one’s own, restored', () => {
  it('from pg_dump and from pg_basebackup: a sweep makes good what came afterwards, and nothing is doubled', async () => {
    const { installation, path } = await openScene()
    const { sandbox, env } = installation
    await run('initdb', '-D', path('server'), '--username=postgres', '--auth=trust', '--no-sync')
    const first = await serve(path('server'))
    await run('createdb', `--maintenance-db=${first.url('postgres')}`, 'hires')
    const on = (url: string) => ({ ...env, DATABASE_URL: url })

    const url = first.url('hires')
    await installation.apply(on(url))
    const service = await installation.start(on(url))
    await installation.hire(service, { email: 'ada@example.com' })
    await installation.settled(1, on(url))
    const tools = { PATH: `${bin ?? ''}:${process.env['PATH'] ?? ''}`, ADMIN_URL: first.url('postgres') }
    const given = { DATABASE_URL: url, RESTORED_URL: first.url('hires_restored') }
    const [dump = '', afterwards = ''] = (blocks[0] ?? '').split('\n\n')
    const shell = { cwd: path(''), env: { ...tools, ...given }, user }
    await runBlock(dump, { ...shell, instead: {} })
    await runBlock(blocks[1] ?? '', { ...shell, instead: { '/backups/2026-11-25': path('base') } })
    await installation.hire(service, { email: 'ben@example.com' })
    await installation.settled(2, on(url))
    const ben = sandbox.ledger().employees.find(({ email }) => email === 'ben@example.com')
    sandbox.hibob.setEmail(ben?.id ?? '', 'ben.example@company.example')
    expect(await service.stop()).toBe(0)

    await runBlock(afterwards, { ...shell, instead: {} })
    const second = await serve(path('base'))

    // One after the other: each knows of one hire, and meets what the one before has done.
    for (const restored of [given.RESTORED_URL, second.url('hires')]) {
      const there = on(restored)
      expect(await installation.json(['doctor'], there)).toMatchObject({ ok: true })
      const next = await installation.start(there)
      expect(await installation.settled(1, there)).toHaveLength(1)
      const sweep = ['sweep', '--tenant', 'acme', '--since', '1d']
      expect(await installation.json(sweep, there)).toMatchObject({ missing: 1 })
      expect(await installation.settled(2, there)).toMatchObject([{ state: 'done' }, { state: 'done' }])
      expectExactly({ sandbox }, 2)
      expect(await next.stop()).toBe(0)
    }
  })
})
