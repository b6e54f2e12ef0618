// What commands change is noted in the audit log: by whom, of whom, never what is secret or typed freely.
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { hibobTenant } from '../support/hibob-tenant.ts'
import { until } from '../support/until.ts'
import { openWorld, signingSecret, type World } from '../support/world.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

let world: World
let noah: string
beforeAll(async () => {
  world = await openWorld()
  const undated = { startOn: null, offers: [{ result: 'accepted' as const, startOn: null }] }
  noah = await world.hire({ firstName: 'Noah', lastName: 'Sample', email: 'noah@example.com', ...undated })
  await world.settled(1)
})
afterAll(() => world.close())

interface Noted {
  readonly seq: string
}
let before: string
const query = async () =>
  (
    await world.store.database.pool.query<Noted>(
      'select seq, actor, tenant, subjects, details from audit where action = $1 order by seq',
      ['change'],
    )
  ).rows
const noted = async () => (await query()).filter(({ seq }) => BigInt(seq) > BigInt(before))
beforeEach(async () => {
  before = (await query()).at(-1)?.seq ?? '0'
})

const run = async (line: string, env: Readonly<Record<string, string>> = {}) => {
  const words = Array.from(line.matchAll(/"([^"]*)"|\S+/g), ([all, quoted]) => quoted ?? all)
  const ran = await runCommand(words, { ...world.env, ...env })
  expect(ran.code, ran.err).toBe(0)
  return ran.out
}
const by = { actor: userInfo().username, tenant: 'acme' }
const entry = (command: string, did: object, subjects: readonly string[] = []) => ({
  ...by,
  subjects,
  details: { command, machine: hostname(), ...did },
})
const parkedRun = async () => {
  const [parked] = await world.settled(1)
  return parked?.id ?? ''
}

describe('a command that changes something notes it', () => {
  it('one run that was named, and not the reason that was typed', async () => {
    const id = await parkedRun()
    await run(`runs resume ${noah} --reason "For Noah"`)
    await parkedRun()
    expect(await noted()).toMatchObject([entry('runs resume', { run: id }, [noah])])
    expect(JSON.stringify(await noted())).not.toContain('Noah')
  })

  it('a decision is noted with the record and the reason', async () => {
    const id = await parkedRun()
    await run(`runs resume ${id} --record 3397352260643062621 --reason "Checked with the people team"`)
    await parkedRun()
    await run(`runs resume ${id} --make-again`)
    expect(await noted()).toMatchObject([
      entry(
        'runs resume',
        { run: id, decision: 'record 3397352260643062621', reason: 'Checked with the people team' },
        [noah],
      ),
      entry('runs resume', { run: id, decision: 'make again' }, [noah]),
    ])
    expect(await run('audit')).toMatch(
      / reason Checked with the people team, decision record 3397352260643062621$/m,
    )
  })

  it('many runs: how many, and how they were chosen; nothing for a preview, and nothing where there was none', async () => {
    const chosen = 'runs resume --tenant acme --code hibob.hire_incomplete'
    await run(chosen)
    await run('runs cancel --tenant acme --code hibob.never --yes')
    expect(await noted()).toEqual([])
    await run(`${chosen} --yes`)
    await parkedRun()
    const did = { resumed: '1', state: 'parked', code: 'hibob.hire_incomplete' }
    expect(await noted()).toMatchObject([entry('runs resume', did)])
  })

  it('apply: names of settings and secrets, not their values, and nothing where nothing changed', async () => {
    const file = join(world.config.dataDir, 'tenants.json')
    const declared = hibobTenant(world.sandbox, { signingSecrets: [signingSecret, 'another_signing_secret'] })
    await writeFile(file, JSON.stringify({ tenants: [declared] }))
    await run(`apply ${file}`)
    await run(`apply ${file}`)
    expect(await noted()).toMatchObject([entry('apply', { tenant: 'changed signingSecrets' })])
    expect(JSON.stringify(await noted())).not.toContain('signing_secret')
  })

  it('connections, sweeps, replays, quarantine and removed tenants', async () => {
    await run('connections disable acme hibob')
    await run('connections enable acme hibob')
    await run('connections enable acme hibob')
    await run('sweep --tenant acme')
    await parkedRun()
    await run(`runs cancel ${noah}`)
    const [cancelled] = await world.store.runs.listRuns({ limit: 1 })
    const { event, id } = cancelled ?? { event: '', id: '' }
    await run(`replay ${event}`)
    await parkedRun()
    await world.send('{"event":"application_hired"}', { signature: 'wrong' })
    await run('quarantine purge --yes')
    await run('tenants remove acme --yes')
    expect(await noted()).toMatchObject([
      entry('connections disable', { disabled: 'hibob' }),
      entry('connections enable', { enabled: 'hibob' }),
      entry('sweep', { sweep: expect.stringMatching(/^swp_/) as string, runs: '0' }),
      entry('runs cancel', { run: id }, [noah]),
      entry('replay', { event }, [noah]),
      { ...entry('quarantine purge', { deleted: '1' }), tenant: null },
      entry('tenants remove', { removed: 'tenant' }),
    ])
    const text = await run('audit')
    expect(text).toMatch(new RegExp(`runs cancel +acme +application ${noah}, run ${id}$`, 'm'))
    expect(text).toMatch(/quarantine purge +\(all\) +deleted 1$/m)
  })
})

it('a sweep that is stopped says that it is not done, and is noted', async () => {
  await world.apply()
  const stopped = await runCommand(['sweep', '--tenant', 'acme'], world.env, AbortSignal.abort())
  expect([stopped.code, stopped.err]).toEqual([75, ''])
  expect(stopped.out).toMatch(
    /Stopped before the end: a running service finishes swp_\w+, or else the next sweep/,
  )
  expect(await noted()).toMatchObject([{ details: { command: 'sweep', runs: '0' } }])
})

it('with sudo, the person behind the service’s user is noted', async () => {
  await world.apply()
  await run('connections disable acme hibob', { SUDO_USER: 'maria' })
  await run('connections enable acme hibob', { SUDO_USER: 'Eve; the\nintern' })
  expect(await noted()).toMatchObject([{ actor: `maria as ${by.actor}` }, { actor: by.actor }])
})

it('a command that fails is noted with its code, and one that changes nothing is not shown', async () => {
  await world.apply()
  expect((await runCommand(['runs', 'cancel', '1'], world.env)).code).toBe(1)
  await run('connections enable acme hibob')
  const [newest] = JSON.parse(await run('audit --json')) as readonly object[]
  expect(newest).toMatchObject({
    action: 'change.failed',
    details: { command: 'runs cancel', failed: 'runs.unknown_run' },
  })
})

it('a change that cannot be noted is not made', async () => {
  await world.apply()
  const { pool } = world.store.database
  await pool.query('alter table audit add constraint nothing check (false) not valid')
  const { code, json } = await runCommand(['connections', 'disable', 'acme', 'hibob', '--json'], world.env)
  await pool.query('alter table audit drop constraint nothing')
  expect([code, json]).toMatchObject([
    2,
    {
      error: {
        code: 'access.not_noted',
        message: '"connections disable" could not be noted in the audit log, so nothing was changed.',
      },
    },
  ])
  expect(await isEnabled()).toBe(true)
})

it('a change whose end cannot be noted is told, and shown as begun', async () => {
  await world.apply()
  const { pool } = world.store.database
  await pool.query(`alter table audit add constraint nothing check (action = 'change.begun') not valid`)
  const { code, json } = await runCommand(['connections', 'disable', 'acme', 'hibob', '--json'], world.env)
  await pool.query('alter table audit drop constraint nothing')
  expect([code, json]).toMatchObject([2, { error: { code: 'access.not_noted' } }])
  expect(await isEnabled()).toBe(false)
  expect(await run('audit --limit 1')).toMatch(
    /connections disable +acme +begun, and its end is not noted: it may have changed something$/m,
  )
})

it(
  'a command that is killed between its change and the end of its entry has left an entry',
  { timeout: 90_000 },
  async () => {
    await world.apply()
    const [change, end] = await Promise.all([
      lockedBy(`select from connections for update`),
      world.store.database.pool.connect(),
    ])
    const child = spawn(process.execPath, [main, 'connections', 'disable', 'acme', 'hibob'], {
      env: { PATH: process.env['PATH'], LOG_LEVEL: 'silent', ...world.env },
      stdio: 'ignore',
    })
    try {
      await until('the command to be at its change', async () => (await waiting('update connections%')) > 0)
      await end.query('begin')
      await end.query('lock table audit in share mode')
      await change.query('rollback')
      await until('the command to be at its entry', async () => (await waiting('insert into audit%')) > 0)
    } finally {
      child.kill('SIGKILL')
      await world.store.database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'insert into audit%' and wait_event_type = 'Lock'`,
      )
      for (const client of [change, end]) {
        await client.query('rollback')
        client.release()
      }
    }
    expect(await isEnabled()).toBe(false)
    expect(await run('audit --limit 1')).toMatch(/connections disable +acme +begun, and its end is not noted/)
  },
)

async function lockedBy(sql: string) {
  const client = await world.store.database.pool.connect()
  await client.query('begin')
  await client.query(sql)
  return client
}

async function waiting(query: string): Promise<number> {
  const { rowCount } = await world.store.database.pool.query(
    `select from pg_stat_activity where datname = current_database() and query ilike $1 and wait_event_type = 'Lock'`,
    [query],
  )
  return rowCount ?? 0
}

async function isEnabled() {
  const connections = await world.store.connections.list('acme')
  return connections.find(({ integration }) => integration === 'hibob')?.enabled
}
