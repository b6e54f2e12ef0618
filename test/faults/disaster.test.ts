/**
 * The machine is lost. The database comes back as of an earlier moment: from a base backup and the archived log, as the page
 * on backups says. What was done after that moment the database does not know; a sweep makes it good, and nothing is doubled.
 */
import { chmod, chown, mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { openPool } from '../../src/postgres/database.ts'
import { postmasterPid } from '../support/embedded-process.ts'
import { embeddedUrl, type Installation, openInstallation } from '../support/installation.ts'
import { expectExactly } from '../support/oracle.ts'
import { commandsBelow, runBlock } from '../support/page-commands.ts'
import type { ServiceProcess } from '../support/service-process.ts'
import { until } from '../support/until.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 })

let installation: Installation
beforeEach(async () => {
  installation = await openInstallation()
})
afterEach(() => installation.close())

const path = (name: string) => join(installation.folder, name)

async function sql<Row extends Record<string, unknown>>(text: string): Promise<readonly Row[]> {
  const pool = openPool(await embeddedUrl(path('data')), 1)
  try {
    return (await pool.query<Row>(text)).rows
  } finally {
    await pool.end()
  }
}

/** PostgreSQL does not run as root: what it reads and writes belongs to the user it runs as. */
async function giveToServer(file: string): Promise<void> {
  const { uid, gid } = await stat(path('data/postgres/data'))
  await chown(file, uid, gid)
}

const page = 'docs/operate/backup-and-restore.md'
const [setUp = '', bringForward = ''] = await commandsBelow(page, 'To an earlier moment')

async function archiveTheLog(): Promise<void> {
  await mkdir(path('archive'))
  await giveToServer(path('archive'))
  await chmod(installation.folder, 0o755)
  await runBlock(setUp, { cwd: installation.folder, instead: { '/archive': path('archive') } })
}

/** Everything up to now is in the archive. */
async function archived(): Promise<void> {
  const [{ log } = { log: '' }] = await sql<{ log: string }>('select pg_walfile_name(pg_switch_wal()) as log')
  await until('the log to be archived', async () => {
    const [row] = await sql<{ done: boolean }>(
      `select last_archived_wal >= '${log}' as done from pg_stat_archiver`,
    )
    return row?.done === true
  })
}

async function loseTheMachine(service: ServiceProcess): Promise<void> {
  const pid = await postmasterPid(path('data'))
  await service.kill()
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  await rm(path('data'), { recursive: true, force: true, maxRetries: 20 })
}

async function restoreTo(instant: string): Promise<void> {
  const instead = {
    '/archive': path('archive'),
    '/backups/2026-11-25': path('backup'),
    '/safe/pinpoint-webhooks.keys': path('keys'),
    '2026-11-25 14:30:00+00': instant,
  }
  await runBlock(bringForward, { cwd: installation.folder, instead })
}

const person = (name: string) => ({
  firstName: name,
  lastName: 'Example',
  email: `${name.toLowerCase()}@example.com`,
})
const employeeOf = (name: string) => {
  const found = installation.sandbox.ledger().employees.find(({ firstName }) => firstName === name)
  if (found === undefined) throw new Error(`${name} is not in HiBob`)
  return found.id
}

it('hires after the moment of the restore: each is done, with one employee, CV and comment', async () => {
  const { sandbox } = installation
  await installation.apply()
  await archiveTheLog()
  const service = await installation.start()
  const hire = (...names: readonly string[]) =>
    Promise.all(names.map((name) => installation.hire(service, person(name))))

  await hire('Ada', 'Ben')
  await installation.settled(2)
  await installation.json(['backup', path('backup'), '--keys', path('keys')])
  await hire('Cleo', 'Dan')
  await installation.settled(4)

  // At the moment of the restore one run waits for HiBob; afterwards it is done.
  const down = sandbox.faults.add({
    system: 'hibob',
    operation: 'people.create',
    effect: { status: 503 },
    times: 'always',
  })
  await hire('Eve')
  await until(
    'the run to wait',
    async () => (await sql(`select from runs where state = 'waiting'`)).length === 1,
  )
  const [{ instant } = { instant: '' }] = await sql<{ instant: string }>(
    'select clock_timestamp()::text as instant',
  )
  sandbox.faults.remove(down.id)
  await installation.settled(5)

  // Done after it, and not in the database that comes back. Two have got another e-mail in HiBob by then, one also a name.
  await hire('Finn', 'Gus', 'Hana')
  await installation.settled(8)
  sandbox.hibob.setEmail(employeeOf('Gus'), 'gus.example@company.example')
  sandbox.hibob.setEmail(employeeOf('Hana'), 'hana.married@company.example')
  sandbox.hibob.setEmail(employeeOf('Cleo'), 'cleo.example@company.example')
  // Acknowledged after it, and not done when the machine is lost: one nobody has made, one is made and nobody knows.
  const before = sandbox.faults.add({
    system: 'hibob',
    operation: 'people.create',
    effect: { hold: 'before' },
  })
  await hire('Ian')
  await sandbox.faults.whenHeld(before.id)
  const after = sandbox.faults.add({ system: 'hibob', operation: 'people.create', effect: { hold: 'after' } })
  await hire('Jo')
  await sandbox.faults.whenHeld(after.id)
  await archived()

  await loseTheMachine(service)
  for (const { id } of [before, after]) sandbox.faults.remove(id)
  await restoreTo(instant)
  await installation.start()
  expect(await installation.settled(5)).toHaveLength(5)

  const lookBack = ['sweep', '--tenant', 'acme', '--since', '1d']
  expect(await installation.json([...lookBack, '--preview'])).toMatchObject({ missing: 5 })
  expect(await installation.json(lookBack)).toMatchObject({ state: 'done', missing: 5, runs: 5 })
  const runs = await installation.settled(10)
  expect(runs.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'done'))
  expectExactly({ sandbox }, 10)
  expect(await installation.json(lookBack)).toMatchObject({ missing: 0 })
})
