/** A service that cannot have its database does not start: its exit code says whether to try again or to ask somebody. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { freePort } from '../../src/embedded-postgres/free-port.ts'
import { openPool } from '../../src/postgres/database.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

const main = join(import.meta.dirname, '../../src/main.ts')
let dataDir: string
let database: FreshDatabase

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-no-database-'))
  database = await freshDatabase({ lent: false })
})
afterEach(async () => {
  await database.drop()
  await rm(dataDir, { recursive: true, force: true })
})

async function serve(url: string) {
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { PATH: process.env['PATH'], DATABASE_URL: url, DATA_DIR: dataDir, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { exit: child.exitCode, output: out + err }
}

describe('serve', () => {
  it('ends with 75, try again later, when nobody listens at DATABASE_URL, and shows no password', async () => {
    const url = new URL(database.url)
    url.port = String(await freePort())
    const { exit, output } = await serve(url.href)
    expect(output).toContain('The database cannot be reached at the moment.')
    expect(exit).toBe(75)
    expect(output).not.toContain(url.password)
    await expect(readdir(dataDir)).resolves.toEqual([])
  })

  it('ends with 2, ask somebody, on a database that a newer version has made, and changes nothing there', async () => {
    const pool = openPool(database.url, 1)
    await pool.query(`insert into schema_migrations (version, name, checksum)
      select max(version) + 1, '9999_from_the_future', 'x' from schema_migrations`)
    await pool.query('drop schema pgboss cascade')
    const { exit, output } = await serve(database.url)
    expect(output).toContain('9999_from_the_future')
    expect(output).toContain('Start the newer version that made it, or restore a backup from before it.')
    expect(exit).toBe(2)
    const { rows } = await pool.query(`select to_regnamespace('pgboss') as queue`)
    expect(rows).toEqual([{ queue: null }])
    await pool.end()
    await expect(readdir(dataDir)).resolves.toEqual([])
  })

  it('ends with 75 on a database that takes no writes, and says that it is read-only', async () => {
    const pool = openPool(database.url, 1)
    await pool.query(
      `do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`,
    )
    await pool.end()
    const { exit, output } = await serve(database.url)
    expect(output).toContain('The database takes no writes: it is read-only.')
    expect(exit).toBe(75)
  })
})
