// `why`: for each cause for which somebody is not there the true one is named, with the next command; and asking Pinpoint never delays a hire.
import { afterEach, expect, it, vi } from 'vitest'

import { hireEvent, signPinpoint } from '../../sandbox/index.ts'
import { startService } from '../../src/app/service.ts'
import { silentLog } from '../../src/observe/log.ts'
import { runCommand } from '../support/command-line.ts'
import { freshDatabase } from '../support/database.ts'
import { rowsRead } from '../support/rows-read.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let world: World
afterEach(() => world.close())

interface Answer {
  readonly verdict: string
  readonly next: string | null
  readonly hire: { readonly name: string } | null
  readonly application: string
}

async function why(...who: readonly string[]) {
  const { code, json, out, err } = await runCommand(['why', ...who, '--json'], world.env)
  expect(code, err).toBe(0)
  const { out: text } = await runCommand(['why', ...who], world.env)
  return { answers: json as readonly Answer[], text, out }
}

const person = { firstName: 'Ada', lastName: 'Example', email: 'ada@example.com' }

it('a hire that has arrived is found by application, e-mail, name, record, run and event, and shown masked', async () => {
  world = await openWorld()
  const id = await world.hire(person)
  const [run] = await world.settled(1)
  const record = run?.result?.['recordId'] as string
  for (const who of [
    [id],
    ['ada@example.com'],
    ['ADA@Example.com'],
    ['Example'],
    ['ada', 'example'],
    [record],
    [run!.id],
    [run!.event],
  ]) {
    const { answers, text } = await why(...who)
    expect(answers, who.join(' ')).toMatchObject([
      { application: id, verdict: 'done', next: null, hire: { name: 'A•• E••••••' } },
    ])
    expect(text).not.toMatch(/Ada|Example|ada@/)
  }
  const { text } = await why(id)
  expect(text).toMatch(/^acme, application \d+ \(A•• E••••••\) has arrived\./)
  expect(text).toContain(`record ${record}`)
  expect(text).toMatch(/Pinpoint +hired/)
  expect((await why(id, '--reveal')).text).toMatch(/\(Ada Example\) has arrived/)
})

it('a parked one says why, and what to do', async () => {
  world = await openWorld({ hibob: { site: 'Moon Base' } })
  const id = await world.hire(person)
  const [run] = await world.settled(1)
  const { answers, text } = await why(id)
  expect(answers).toMatchObject([{ verdict: 'waits_for_person', next: `runs show ${run!.id}` }])
  expect(text).toContain('Moon Base')
})

it('one whose webhook never came is found in Pinpoint, with the sweep that gets it', async () => {
  world = await openWorld()
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
  const fresh = world.sandbox.pinpoint.addApplication({ hiredAt: ago(1) })
  const recent = world.sandbox.pinpoint.addApplication({ ...person, hiredAt: ago(60) })
  const old = world.sandbox.pinpoint.addApplication({ hiredAt: '2026-01-15T10:00:00Z' })
  await world.store.database.pool.query(`update connections set enabled_since = '2025-01-01'`)
  const tooEarly = await why(fresh.id)
  expect(tooEarly.answers).toMatchObject([{ verdict: 'missed', next: null }])
  expect(tooEarly.text).toContain('not yet: hired in the last 15 minutes, so its webhook may still come')
  const first = await why(recent.id)
  expect(first.answers).toMatchObject([
    {
      verdict: 'missed',
      next: expect.stringMatching(/^sweep acme --since .* --preview$/) as string,
    },
  ])
  expect(first.text).toContain('the next scheduled one finds it')
  const second = await why(old.id)
  expect(second.answers).toMatchObject([
    { verdict: 'missed', next: 'sweep acme --since 2026-01-14 --preview' },
  ])
  expect(second.text).toContain('out of reach: hired more than 3 days ago')

  const offline = await why(old.id, '--offline')
  expect(offline.answers).toMatchObject([{ verdict: 'never_heard', next: `why ${old.id} --tenant acme` }])
  expect(offline.text).toContain('not asked: --offline')
})

it('one that is not hired, or not there, is not sought any further', async () => {
  world = await openWorld()
  const { id } = world.sandbox.pinpoint.addApplication({ stage: 'offer' })
  expect((await why(id)).answers).toMatchObject([{ verdict: 'not_hired', next: null }])
  const { answers, text } = await why('123456')
  expect(answers).toMatchObject([{ verdict: 'not_hired' }])
  expect(text).toContain('does not know this application')
})

it('one in quarantine, one of a disabled connection, and one that a person cancelled', async () => {
  world = await openWorld()
  const { id, job } = world.sandbox.pinpoint.addApplication(person)
  const body = hireEvent(id, job.id)
  await world.send(body, { signature: signPinpoint('another_signing_secret', body) })
  await until(
    'it to be in quarantine',
    async () => (await world.store.database.pool.query('select from quarantine')).rowCount === 1,
  )
  expect((await why(id)).answers).toMatchObject([
    { verdict: 'quarantined', next: 'quarantine list --tenant acme' },
  ])

  await world.store.database.pool.query('update connections set enabled = false')
  const off = await world.hire({ email: 'bob@example.com' })
  await until(
    'it to be dispatched',
    async () => (await world.store.database.pool.query('select from inbox')).rowCount === 0,
  )
  expect((await why(off)).answers).toMatchObject([
    { verdict: 'not_dispatched', next: 'connections enable acme hibob' },
  ])

  await world.store.database.pool.query(`update connections set enabled = true where integration = 'hibob'`)
  await world.store.database.pool.query(
    `insert into runs (id, tenant_id, connection_id, event_id, integration, subject, state, finished_at, reason)
     select 'run_x', events.tenant_id, connections.id, events.id, 'hibob', events.subject, 'cancelled', now(), 'cancelled by somebody'
     from events join connections on connections.tenant_id = events.tenant_id and integration = 'hibob'`,
  )
  expect((await why(off)).answers).toMatchObject([
    { verdict: 'ended', next: expect.stringMatching(/^replay evt_/) as string },
  ])
})

it('nobody at all is told as that, with where to look', async () => {
  world = await openWorld()
  const { code, err } = await runCommand(['why', 'nobody@example.com'], world.env)
  expect([code, err]).toEqual([2, expect.stringContaining('Nobody here matches that.')])
  expect((await runCommand(['why', '1', '--tenant', 'other'], world.env)).code).toBe(1)
})

it('the beginning of an id is enough, and where several begin so it says which', async () => {
  world = await openWorld()
  const first = await world.hire(person)
  const second = await world.hire({ firstName: 'Bob', lastName: 'Sample', email: 'bob@example.com' })
  const runs = await world.settled(2)
  const of = (application: string) => runs.find(({ subject }) => subject === application)
  const { pool } = world.store.database
  await pool.query(
    `with named as (
      update effects set remote_id = case made_for when $1 then '33973522606430001' else '33973522606430002' end
      where kind = 'employee' returning made_for, remote_id
    )
    update steps set remote_id = named.remote_id from named join runs on runs.subject = made_for
    where run_id = runs.id and title = 'Employee in HiBob'`,
    [first],
  )
  for (const who of [of(first)?.id.slice(0, -2), of(first)?.event.slice(0, -1), '33973522606430001'])
    expect((await why(who ?? '')).answers, who).toMatchObject([{ application: first }])
  for (const [beginning, ids] of [
    ['run_', runs.map(({ id }) => id)],
    ['evt_', runs.map(({ event }) => event)],
    ['3397352260643', ['33973522606430001', '33973522606430002']],
  ] as const) {
    const { code, err, out } = await runCommand(['why', beginning], world.env)
    expect({ code, out }, beginning).toEqual({ code: 2, out: '' })
    for (const id of ids) expect(err).toContain(`${id} (acme, application`)
    for (const application of [first, second]) expect(err).toContain(`application ${application})`)
  }
  // Too short for a record: it may be an application that is not known here.
  expect((await why('339735226')).answers).toMatchObject([{ application: '339735226', verdict: 'not_hired' }])
})

it('an application is found without reading the ledger', async () => {
  const { application } = await oneOfMany()
  const { effects } = await readFor(application)
  expect([effects?.scanned, effects?.entries]).toEqual([0, 0])
})

it.each([
  ['a record, by its whole id', (record: string) => record, 'done'],
  ['a record, by the beginning of its id', (record: string) => record.slice(0, -1), 'done'],
  ['a number that nobody has', () => '77777777777777', 'never_heard'],
  ['a number that may be an application', () => '7777777', 'never_heard'],
] as const)('%s is found, or not, without reading ledger or journal', async (_what, idOf, verdict) => {
  const { record } = await oneOfMany()
  const { effects, steps } = await readFor(idOf(record), verdict)
  expect([effects?.scanned, steps?.scanned]).toEqual([0, 0])
  expect(effects?.entries).toBeLessThan(20)
  expect(steps?.entries).toBeLessThan(20)
})

/** A hire whose rows are few among thousands, so that reading a table from end to end is never the cheapest. */
async function oneOfMany() {
  world = await openWorld({ service: false, database: await freshDatabase({ lent: false }) })
  const service = await startService(world.config, silentLog)
  const application = await world.hire(person, { url: service.url })
  const [run] = await world.settled(1)
  await service.close()
  const { pool } = world.store.database
  await pool.query(
    `insert into effects (id, connection_id, kind, key_hash, title, state, made_for, remote_id)
     select 'eff_' || number, connection_id, 'employee', sha256(number::text::bytea), title, 'done', 'of ' || number, (8e15 + number)::int8::text
     from effects, generate_series(1, 5000) as number where kind = 'employee'`,
  )
  await pool.query(
    `insert into steps (run_id, title, outcome, remote_id, attempt, started_at, finished_at)
     select run_id, title || number, outcome, (8e15 + number)::int8::text, attempt, started_at, finished_at
     from steps, generate_series(1, 5000) as number where title = 'Employee in HiBob'`,
  )
  await pool.query('analyze effects, steps')
  return { application, record: run?.result?.['recordId'] as string }
}

async function readFor(who: string, verdict = 'done') {
  // Ends the connections that have not yet told what they read.
  await rowsRead(world.env)
  await world.store.database.pool.query('select pg_stat_reset()')
  const { code, json } = await runCommand(['why', who, '--offline', '--json'], world.env)
  expect([code, json]).toMatchObject([0, [{ verdict }]])
  const read = await rowsRead(world.env)
  const of = (name: string) => read.find(({ table }) => table === name)
  return { effects: of('effects'), steps: of('steps') }
}
