// `runs list` and `runs show`: who, since when, why; found by whatever somebody has at hand; names masked unless they are asked for.
import { hostname, userInfo } from 'node:os'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hibob } from '../../src/integrations/hibob/index.ts'
import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
let ada: string
let noah: string
let zoe: string
beforeAll(async () => {
  world = await openWorld({ webhook: true })
  ada = await world.hire({ firstName: 'Ada', lastName: 'Example', email: 'ada@example.com' })
  const undated = { startOn: null, offers: [{ result: 'accepted' as const, startOn: null }] }
  noah = await world.hire({ firstName: 'Noah', lastName: 'Sample', email: 'noah@example.com', ...undated })
  zoe = await world.hire({
    firstName: 'Zoë',
    lastName: 'Wolfeschlegelsteinhausenbergerdorff',
    email: 'zoe@example.com',
  })
  await world.settled(6)
})
afterAll(() => world.close())

const run = async (line: string) => {
  const ran = await runCommand(line.split(' '), world.env)
  expect(ran.code, ran.err).toBe(0)
  return ran.out
}
const json = async <T>(line: string) => JSON.parse(await run(`${line} --json`)) as T
interface Listed {
  readonly id: string
  readonly event: string
  readonly subject: string
  readonly integration: string
  readonly hire: { readonly name: string; readonly masked: boolean } | null
}
const list = (line = '') => json<readonly Listed[]>(`runs list${line}`)
const noted = async () =>
  (
    await world.store.database.pool.query<object>(
      'select actor, action, tenant, subjects, details from audit order by seq',
    )
  ).rows
const personal = /Ada|Example|Noah|Sample|Zoë|Wolfe|@example/

describe('runs list', () => {
  it('tells who, to where, since when and why within 80 columns, and nobody’s name', async () => {
    const text = await run('runs list')
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(text).not.toMatch(personal)
    expect(text).toMatch(
      new RegExp(`^\\d{1,2} \\w{3} \\d\\d:\\d\\d +acme +${ada} +A•• E•••••• +hibob +done: created$`, 'm'),
    )
    expect(text).toMatch(new RegExp(`${noah} +N••• S••••• +hibob +parked \\d+ seconds?\\n  \\S`))
    expect(text).toMatch(/\n6 runs\. Times: \S+\.\n$/)
    expect(await run('runs list --limit 2')).toContain('2 of 6 runs; --limit shows more.')
    expect(await noted()).toEqual([])
  })

  it('masks names as JSON, too', async () => {
    const runs = await list()
    expect(runs.find(({ subject }) => subject === ada)?.hire).toMatchObject({
      name: 'A•• E••••••',
      masked: true,
    })
    expect(JSON.stringify(runs)).not.toMatch(personal)
  })

  it('is narrowed by several states, application, code and time', async () => {
    expect(await list(' --state parked,waiting')).toMatchObject([{ subject: noah }])
    expect(await list(` --application ${zoe}`)).toHaveLength(2)
    expect(await list(' --code hibob.hire_incomplete')).toMatchObject([{ subject: noah }])
    for (const since of ['1h', '2d']) expect(await list(` --since ${since}`)).toHaveLength(6)
    expect(await list(' --since today --state done')).toHaveLength(5)
    const { code, json: failed } = await runCommand(
      ['runs', 'list', '--state', 'done,lost', '--json'],
      world.env,
    )
    expect([code, failed]).toMatchObject([64, { error: { code: 'cli.state_unknown' } }])
  })
})

it('events list names whom an event is about, masked, and when it came', async () => {
  const text = await run('events list')
  expect(text).not.toMatch(personal)
  expect(text).toMatch(
    new RegExp(`application_hired +${ada} +A•• E•••••• +\\d{1,2} \\w{3} \\d\\d:\\d\\d +hibob done`, 'm'),
  )
  expect(text).toMatch(/\n\nTimes: \S+\.\n$/)
})

describe('runs show', () => {
  it('takes an application, an event, and the beginning of an id', async () => {
    const [hibobRun] = await list(` --application ${noah} --integration hibob`)
    const { id = '', event = '' } = hibobRun ?? {}
    const names = [`${noah} --integration hibob`, `${event} --integration hibob`, id.slice(0, -2), id]
    for (const name of names) expect(await json<Listed>(`runs show ${name}`)).toMatchObject({ id })
    const text = await run(`runs show ${noah} --integration hibob`)
    expect(text).not.toMatch(personal)
    expect(text).toMatch(/^Hire +N••• S•••••$/m)
    expect(text).toMatch(/^State +parked, since \d{1,2} \w{3} \d{4}, \d\d:\d\d .+ \((now|.+ ago)\)$/m)
    expect(text).toMatch(/^TIME \(\S+\)/m)
    expect(text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} +attempt 1 +running/m)
  })

  it('says what the run has cost in calls', async () => {
    // The two runs of a hire share its read, which counts for the one that was first.
    expect(await run(`runs show ${ada} --integration hibob`)).toMatch(
      /^Calls +[12] Pinpoint, \d HiBob, 2 files$/m,
    )
    const both = ['hibob', 'webhook'].map((name) => run(`runs show ${noah} --integration ${name}`))
    expect((await Promise.all(both)).join('')).toMatch(/^Calls +.*1 Pinpoint/m)
    expect(await json(`runs show ${ada} --integration hibob`)).toMatchObject({
      calls: { file: 2 },
      uncountedAttempts: 0,
      waitedForLimitsSeconds: 0,
    })
  })

  it('names what it could be where that is not clear', async () => {
    for (const name of [ada, 'run_']) {
      const { code, json: failed } = await runCommand(['runs', 'show', name, '--json'], world.env)
      expect(code).toBe(2)
      expect(failed).toMatchObject({
        error: { code: 'runs.ambiguous', details: { runs: expect.any(Array) as string[] } },
      })
    }
    const { err } = await runCommand(['runs', 'show', ada], world.env)
    expect(err).toMatch(/hibob, done.*webhook|webhook, done.*hibob/)
    const unknown = await runCommand(['runs', 'show', '123', '--json'], world.env)
    expect(unknown).toMatchObject({
      code: 1,
      json: { error: { code: 'runs.unknown_run', message: 'There is no run of application 123.' } },
    })
  })

  it('resumes by application what has not ended', async () => {
    world.sandbox.pinpoint.changeApplication(noah, { startOn: '2027-01-04' })
    expect(await run(`runs resume ${noah}`)).toMatch(/^run_\w+_hibob: queued/)
    await world.settled(6)
    const cancelled = await runCommand(
      ['runs', 'cancel', noah, '--integration', 'hibob', '--json'],
      world.env,
    )
    expect(cancelled).toMatchObject({ code: 1, json: { error: { code: 'runs.not_cancellable' } } })
  })
})

describe('--reveal', () => {
  it('shows names in clear, and notes who saw whom with which command', async () => {
    const before = (await noted()).length
    expect(await list(` --application ${ada} --reveal`)).toMatchObject([
      { hire: { name: 'Ada Example', email: 'ada@example.com', masked: false } },
      {},
    ])
    expect(await run(`runs show ${zoe} --integration hibob --reveal`)).toMatch(/^E-mail +zoe@example\.com$/m)
    const entry = { actor: userInfo().username, action: 'hires.reveal', tenant: 'acme' }
    expect((await noted()).slice(before)).toEqual([
      { ...entry, subjects: [ada], details: { command: 'runs list', machine: hostname() } },
      { ...entry, subjects: [zoe], details: { command: 'runs show', machine: hostname() } },
    ])
  })

  it('a run of which no name is kept says so', async () => {
    await world.store.database.pool.query('delete from hires where application = $1', [ada])
    expect(await run(`runs list --application ${ada} --reveal`)).toContain('(name not kept)')
    expect(await list(` --application ${ada}`)).toMatchObject([{ hire: null }, { hire: null }])
  })
})

it('a record is linked to where HiBob shows it, unless that is not known', () => {
  const link = (apiUrl: string) => hibob.recordUrl?.('3397352260643062621', hibob.settings.parse({ apiUrl }))
  expect(link('https://api.hibob.com/v1')).toBe('https://app.hibob.com/employee-profile/3397352260643062621')
  expect(link('https://api.sandbox.hibob.com/v1')).toBeUndefined()
})
