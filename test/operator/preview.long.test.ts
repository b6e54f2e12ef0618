import { afterEach, describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const reads = new Set([
  'pinpoint applications.get',
  'pinpoint jobs.get',
  'pinpoint comments.list',
  'hibob people.search',
  'hibob docs.list',
  'hibob lists.get',
  'hibob fields.list',
  'hibob lists.all',
  'files files.link',
  'files files.get',
])

async function open(options: WorldOptions = {}): Promise<void> {
  world = await openWorld(options)
}

/** What the outside world holds and what we have noted, to be the same afterwards. */
async function everything() {
  const { counts, employees, documents, comments, deliveries } = world.sandbox.ledger()
  // Not `limits`: its calls are counted with those of the service.
  const tables = [
    'events',
    'runs',
    'steps',
    'run_history',
    'effects',
    'connections',
    'circuits',
    'replays',
    'sweeps',
  ]
  const ours = await Promise.all(
    tables.map(async (table) => {
      const { rows } = await world.store.database.pool.query<{ sum: string }>(
        `select md5(coalesce(string_agg(one::text, '|' order by one::text), '')) as sum from ${table} as one`,
      )
      return [table, rows[0]?.sum]
    }),
  )
  return { counts, employees, documents, comments, deliveries, ours: Object.fromEntries(ours) as object }
}

/** Runs `preview` and holds that nothing has changed anywhere and that only reads were sent. */
async function preview(...more: readonly string[]) {
  const before = await everything()
  world.sandbox.calls.reset()
  const ran = await runCommand(['preview', ...more, '--json'], world.env)
  expect(await everything()).toEqual(before)
  const calls = Object.keys(world.sandbox.calls.counts()).map((name) => name.split(' ').slice(0, 2).join(' '))
  expect(calls.filter((name) => !reads.has(name))).toEqual([])
  return ran
}

/** An event that is stored while its connection is off, so that nothing has run. */
async function held(seed: Parameters<World['hire']>[0] = {}): Promise<string> {
  const subject = await world.hire(seed)
  const [event] = await world.store.runs.listEvents({ subject, limit: 1 })
  return event?.id ?? ''
}

async function withConnectionOff<T>(work: () => Promise<T>): Promise<T> {
  await runCommand(['connections', 'disable', 'acme', 'hibob'], world.env)
  const result = await work()
  await runCommand(['connections', 'enable', 'acme', 'hibob'], world.env)
  return result
}

describe('a preview', () => {
  it('of somebody who is not in HiBob names employee, CV and comment, and asks nothing about who is not there', async () => {
    await open()
    const event = await withConnectionOff(() => held({ email: 'ada@example.com' }))
    const ran = await preview(event)
    expect(ran).toMatchObject({
      code: 0,
      json: {
        events: 1,
        runs: 1,
        nothingToDo: 0,
        wouldMake: { 'Employee in HiBob': 1, 'CV in HiBob': 1, 'Comment in Pinpoint': 1 },
        previewed: [{ event, outcome: 'would_make', code: null }],
      },
    })
    expect(world.sandbox.calls.count('hibob', 'docs.list')).toBe(0)
    expect(world.sandbox.calls.count('pinpoint', 'comments.list')).toBe(0)
    expect(world.sandbox.calls.count('files', 'files.get')).toBe(0)
  })

  it('of a run that is done says that there is nothing to do', async () => {
    await open()
    const event = await held()
    await world.settled(1)
    expect(await preview(event)).toMatchObject({
      json: {
        nothingToDo: 1,
        wouldMake: {},
        previewed: [{ effects: [{ state: 'is_there' }, { state: 'is_there' }, { state: 'is_there' }] }],
      },
    })
  })

  it('of somebody who is in HiBob by hand names what is missing only', async () => {
    await open()
    const event = await withConnectionOff(() => held({ email: 'ada@example.com' }))
    world.sandbox.hibob.addEmployee({ email: 'ada@example.com' })
    expect(await preview(event)).toMatchObject({
      json: { wouldMake: { 'CV in HiBob': 1, 'Comment in Pinpoint': 1 } },
    })
  })

  it('tells whose record would be for a person to say, as a run would', async () => {
    await open()
    const { hibob } = world.sandbox
    const parks = async (event: string) => {
      const { json } = await preview(event)
      const { previewed } = json as {
        readonly previewed: readonly [{ readonly code: string; readonly fix: string }]
      }
      return [previewed[0].code, previewed[0].fix]
    }
    const [internal, other] = await withConnectionOff(async () => {
      hibob.addEmployee({ email: 'agency@example.com', firstName: 'Bob' })
      return [
        await held({ email: 'mara@example.com', internalCandidate: true }),
        await held({ email: 'agency@example.com', firstName: 'Omar' }),
      ] as const
    })
    expect(await parks(internal)).toEqual([
      'hibob.internal_candidate',
      expect.stringContaining('runs resume RUN --make-again'),
    ])
    expect(await parks(other)).toEqual([
      'hibob.other_employee',
      expect.stringContaining('runs resume RUN --record '),
    ])

    await held({ email: 'ada@example.com' })
    await world.settled(1)
    hibob.removeEmployee(hibob.withEmail('acme', 'ada@example.com')[0]?.id ?? '')
    const again = await withConnectionOff(() =>
      held({ email: 'ada@example.com', job: { title: 'Designer' } }),
    )
    expect(await parks(again)).toEqual(['runs.record_not_shown', expect.stringContaining('--make-again')])
  })

  it('counts many, and says why some would park or be refused, and what would be warned of', async () => {
    await open()
    await withConnectionOff(async () => {
      for (let index = 0; index < 12; index++) await world.hire()
      for (let index = 0; index < 2; index++) await world.hire({ startOn: null })
      await world.hire({ cv: { filename: 'cv.odt', contexts: ['cv'] } })
      await world.hire({ concealed: true })
      await world.hire({ stage: 'offer' })
    })
    expect(await preview('--tenant', 'acme', '--since', '1d', '--rate', '99999/s')).toMatchObject({
      code: 0,
      json: {
        events: 17,
        runs: 17,
        nothingToDo: 0,
        wouldMake: { 'Employee in HiBob': 13, 'CV in HiBob': 12, 'Comment in Pinpoint': 13 },
        wouldPark: [
          {
            count: 2,
            code: 'hibob.hire_incomplete',
            reason: expect.stringContaining('start date') as unknown,
          },
          { count: 1, code: 'pinpoint.concealed' },
        ],
        wouldRefuse: [{ count: 1, code: 'pinpoint.not_hired' }],
        unknown: [],
        warnings: [{ count: 1, code: 'hibob.cv_wrong_kind' }],
      },
    })
    const { out } = await runCommand(
      ['preview', '--tenant', 'acme', '--since', '1d', '--state', 'none', '--rate', '99999/s'],
      world.env,
    )
    expect(out).toContain('17 events, 17 runs:')
    expect(out).toMatch(
      / 2 {2}would park: Application … is missing a field that HiBob requires: start date\./,
    )
  }, 60_000)

  it('of an integration that sends without `ensure` stops at its first call, which is not sent', async () => {
    await open({ webhook: true })
    const event = await held()
    await world.settled(2)
    expect(await preview(event, '--integration', 'webhook')).toMatchObject({
      json: { runs: 1, wouldMake: { 'Call to webhook (send)': 1 } },
    })
  })

  it('waits for a limit, and tells what it cannot know while a destination is down', async () => {
    await open()
    const event = await withConnectionOff(() => held())
    const { faults } = world.sandbox
    faults.add({ system: 'hibob', operation: 'people.search', effect: { rateLimit: { resetInSeconds: 1 } } })
    expect(await preview(event)).toMatchObject({
      json: { unknown: [], wouldMake: { 'Employee in HiBob': 1 } },
    })
    faults.add({ system: 'hibob', operation: 'people.search', effect: { status: 503 }, times: 'always' })
    expect(await preview(event)).toMatchObject({
      code: 0,
      json: { unknown: [{ count: 1, code: 'hibob.unavailable' }], wouldMake: {} },
    })
  }, 60_000)

  it('of a paused connection says that it would park, and sends nothing', async () => {
    await open()
    const event = await withConnectionOff(() => held())
    await world.store.database.pool.query(
      `update connections set paused_code = 'hibob.credentials_refused', paused_reason = 'Refused.',
         paused_fix = 'Replace.', paused_at = now() where integration = 'hibob'`,
    )
    expect(await preview(event)).toMatchObject({
      json: { wouldPark: [{ count: 1, code: 'hibob.credentials_refused' }] },
    })
    expect(world.sandbox.calls.counts()).toEqual({})
  })

  it.each([
    ['an unknown event', ['evt_nothing'], 1, 'runs.unknown_event'],
    ['an unknown tenant', ['--tenant', 'nobody', '--since', '1d'], 1, 'tenants.unknown_tenant'],
    ['no choice at all', [], 64, 'cli.no_tenant'],
    ['no time', ['--tenant', 'acme'], 64, 'cli.no_since'],
    ['an unknown state', ['--tenant', 'acme', '--since', '1d', '--state', 'odd'], 64, 'cli.state_unknown'],
    ['a rate that is none', ['--tenant', 'acme', '--since', '1d', '--rate', 'fast'], 64, 'cli.rate_invalid'],
    ['an unknown integration', ['evt_1', '--integration', 'nothing'], 64, 'cli.integration_unknown'],
    ['names and a choice', ['evt_1', '--tenant', 'acme'], 64, 'cli.choice_twice'],
  ] as const)('refuses %s', async (...[_, more, code, failure]) => {
    await open({ service: false })
    expect(await preview(...more)).toMatchObject({ code, json: { error: { code: failure } } })
  })

  it('of nothing is empty', async () => {
    await open({ service: false })
    expect(await preview('--tenant', 'acme', '--since', '30d')).toMatchObject({
      code: 0,
      json: { events: 0, runs: 0, previewed: [] },
    })
  })
})
