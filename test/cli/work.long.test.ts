// Commands beside a running service: send, events, runs and replay, one hire through all of them.
import { afterEach, expect, it, vi } from 'vitest'

import { type Ended, failJson, runCommand, runJson } from '../support/command.ts'
import { hibobTenant } from '../support/hibob-tenant.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, signingSecret, type World } from '../support/world.ts'

// Processes take seconds on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let world: World
afterEach(() => world.close())

/** Processes of their own are the first hire's commands, and whatever is given a secret. */
const options = () => ({ env: world.env, here: true })
const run = (...line: string[]): Promise<Ended> => runCommand(line, options())
const json = async (...line: string[]) => {
  const { code, data } = await runJson(line, options())
  expect(code, line.join(' ')).toBe(0)
  return data
}
const fail = (...line: string[]) => failJson(line, options())
const sendTo = (...more: string[]) => ['send', '--url', world.service?.url ?? '', '--tenant', 'acme', ...more]

const runShape = (state: string) => ({
  id: expect.stringMatching(/^run_.*_hibob$/) as string,
  tenant: 'acme',
  integration: 'hibob',
  event: expect.stringMatching(/^evt_/) as string,
  subject: expect.any(String) as string,
  state,
  attempt: expect.any(Number) as number,
  nextAt: null,
  createdAt: expect.any(String) as string,
  updatedAt: expect.any(String) as string,
})

it('a hire that is sent, looked at and replayed is made once', async () => {
  world = await openWorld()
  const { id, job } = world.sandbox.pinpoint.addApplication({ email: 'ada@example.com' })
  const hire = sendTo('--application', id, '--job', job.id, '--triggered-at', '1614687278')
  const { data: sent } = await runJson(hire, { env: world.env })
  expect(sent).toMatchObject({ status: 200, answer: { duplicate: false, runs: 1 } })
  const { event } = (sent as { readonly answer: { readonly event: string } }).answer
  expect(await json(...hire)).toMatchObject({ status: 200, answer: { event, duplicate: true } })
  const [done] = await world.settled(1)
  const runId = done?.id ?? ''

  const shownRun = { id: runId, integration: 'hibob', state: 'done' }
  const shownEvent = { id: event, tenant: 'acme', name: 'application_hired', subject: id, runs: [shownRun] }
  expect(await json('events', 'list', '--application', id)).toMatchObject([shownEvent])
  expect(await json('events', 'list', '--application', '404')).toEqual([])
  expect(await json('events', 'show', event)).toMatchObject(shownEvent)
  expect((await run('events', 'list')).stdout).toContain(event)
  expect((await run('events', 'show', event)).stdout).toContain(`${runId} done`)

  const result = { did: 'created' }
  const shape = { ...runShape('done'), reason: null, fix: null, result }
  expect(await json('runs', 'list', '--tenant', 'acme', '--limit', '1')).toMatchObject([shape])
  expect(await json('runs', 'list', '--state', 'parked')).toEqual([])
  expect(await json('runs', 'list', '--event', event, '--integration', 'hibob')).toMatchObject([shape])
  expect(await json('runs', 'show', runId)).toMatchObject({
    ...shape,
    timeline: expect.arrayContaining([expect.objectContaining({ kind: 'step' })]) as unknown,
  })
  expect((await run('runs', 'show', runId)).stdout).toMatch(/Employee in HiBob: created/)

  const { data: replayed } = await runJson(['replay', event, '--integration', 'hibob'], { env: world.env })
  expect(replayed).toMatchObject({ id: event, runs: [{}, {}] })
  const runs = await world.settled(2)
  expect(runs.map(({ state }) => state)).toEqual(['done', 'done'])
  expectExactly(world, 1)
  expect(await fail('replay', event, '--integration', 'webhook')).toMatchObject({
    code: 2,
    error: { code: 'runs.no_connection' },
  })
  expect(await fail('replay', event, '--integration', 'nothing')).toMatchObject({
    code: 64,
    error: { code: 'cli.integration_unknown' },
  })
})

it('a parked run says why and what to do, is resumed, and is cancelled', async () => {
  world = await openWorld({ hibob: { site: 'Atlantis' } })
  await world.hire({ email: 'ada@example.com' })
  const [parked] = await world.settled(1)
  const { id = '', event = '' } = parked ?? {}
  expect(await json('runs', 'list', '--state', 'parked')).toMatchObject([
    { ...runShape('parked'), id, reason: expect.any(String) as string, fix: expect.any(String) as string },
  ])
  const { stdout } = await run('runs', 'show', id)
  expect(stdout).toMatch(/^Why +.*Atlantis/m)
  expect(stdout).toMatch(/^Fix +\S/m)
  expect(await fail('replay', event)).toMatchObject({ code: 2, error: { code: 'runs.unfinished' } })

  const resumed = await run('runs', 'resume', id)
  expect(resumed).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`Next: pinpoint-webhooks runs show ${id}`) as string,
  })
  await world.settled(1)
  expect(await json('runs', 'cancel', id)).toMatchObject({ id, state: 'cancelled' })
  expect(await fail('runs', 'cancel', id)).toMatchObject({ code: 1, error: { code: 'runs.not_cancellable' } })
  expect(await fail('runs', 'resume', id)).toMatchObject({ code: 1, error: { code: 'runs.not_resumable' } })
  expectExactly(world, 0)
})

it('a person decides whose record it is, and only what can be decided', async () => {
  world = await openWorld({ webhook: true })
  const { id: employee } = world.sandbox.hibob.addEmployee({
    email: 'mara.muster@corp.example',
    person: 'mara',
  })
  await world.hire({ email: 'mara@example.com', person: 'mara', internalCandidate: true })
  const runs = await world.settled(2)
  const id = runs.find(({ integration }) => integration === 'hibob')?.id ?? ''
  const other = runs.find(({ integration }) => integration === 'webhook')?.id ?? ''
  const wrong = (...more: string[]) => fail('runs', 'resume', id, ...more)
  expect(await wrong('--record', 'mara@example.com')).toMatchObject({
    error: { code: 'cli.record_id_wrong' },
  })
  expect(await wrong('--record', '7'.repeat(101))).toMatchObject({ code: 64 })
  expect(await wrong('--record', employee, '--make-again')).toMatchObject({
    code: 64,
    error: { code: 'cli.decided_twice' },
  })
  expect(await fail('runs', 'resume', other, '--make-again')).toMatchObject({
    code: 1,
    error: { code: 'runs.no_record_to_decide' },
  })
  expect((await run('runs', 'show', id)).stdout).toContain(`runs resume ${id} --record ID`)

  const reason = `Asked\u001b[2J\nthem ${'x'.repeat(300)}`
  await json('runs', 'resume', id, '--record', employee, '--reason', reason)
  await world.settled(2)
  const shown = (await json('runs', 'show', id)) as { readonly decision: { readonly reason: string } }
  expect(shown).toMatchObject({
    state: 'done',
    result: { did: 'found', recordId: employee },
    decision: { is: 'record', record: employee, by: expect.stringMatching(/./) as string },
  })
  expect(shown.decision.reason).toMatch(/^Asked \[2J them x+$/)
  expect(shown.decision.reason).toHaveLength(200)
  expect((await run('runs', 'show', id)).stdout).toMatch(/^Decided +record \d+ is the hire’s/m)
  expect(await wrong('--make-again')).toMatchObject({ code: 1, error: { code: 'runs.not_parked' } })
  expectExactly(world, 0, { documents: 1, comments: 1 })
})

it('an apply that mends the setting lets the parked run go on', async () => {
  world = await openWorld({ hibob: { site: 'Atlantis' } })
  await world.hire({ email: 'ada@example.com' })
  await world.settled(1)
  const settings = { site: 'London (Demo)' }
  const mended = hibobTenant(world.sandbox, { signingSecrets: [signingSecret], settings })
  const input = JSON.stringify({ tenants: [mended] })
  const { data } = await runJson(['apply', '-'], { env: world.env, input })
  expect(data).toMatchObject({ resumed: 1 })
  expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
  expectExactly(world, 1)
})

it('send takes the secret where nobody else on the machine can read it (L6)', async () => {
  world = await openWorld()
  const { id, job } = world.sandbox.pinpoint.addApplication({ email: 'ada@example.com' })
  const hire = sendTo('--application', id, '--job', job.id, '--json')
  const env = { ...world.env, HIRE_SECRET: signingSecret }
  const fromVariable = await runCommand([...hire, '--secret-env', 'HIRE_SECRET'], { env })
  expect(fromVariable.code, fromVariable.stderr).toBe(0)
  expect(await fail(...hire, '--secret-env', 'NOT_SET')).toMatchObject({ error: { code: 'cli.no_secret' } })
  const fromInput = await runCommand([...hire, '--secret', '-'], {
    env: world.env,
    input: `${signingSecret}\n`,
  })
  expect(fromInput.code, fromInput.stderr).toBe(0)
  const typed = await runCommand([...hire, '--secret', signingSecret], { env: world.env })
  expect([typed.code, typed.stderr]).toEqual([0, expect.stringContaining('use --secret-env or --secret -')])
})

it('send says why a delivery is not accepted', async () => {
  world = await openWorld()
  expect(await fail(...sendTo('--secret', 'not-the-secret'))).toMatchObject({
    code: 1,
    error: { code: 'cli.not_accepted', details: { status: 401 } },
  })
  expect(
    await fail('send', '--url', world.service?.url ?? '', '--tenant', 'nobody', '--secret', 'x'),
  ).toMatchObject({
    code: 1,
    error: { code: 'cli.not_accepted' },
  })
  expect(await fail(...sendTo('--triggered-at', 'today'))).toMatchObject({
    code: 64,
    error: { code: 'cli.not_a_time' },
  })
  expect(await fail('send', '--url', 'http://127.0.0.1:1', '--secret', 'x')).toMatchObject({
    code: 75,
    error: { code: 'service.unreachable' },
  })
  expect(await fail('send')).toMatchObject({ code: 2, error: { code: 'cli.no_secret' } })
})

it('unknown runs and events are refused with 1, wrong filters with 64', async () => {
  world = await openWorld({ service: false })
  for (const command of ['show', 'resume', 'cancel']) {
    expect(await fail('runs', command, 'run_none')).toMatchObject({
      code: 1,
      error: { code: 'runs.unknown_run' },
    })
  }
  for (const line of [['events', 'show'], ['replay']]) {
    expect(await fail(...line, 'evt_none')).toMatchObject({ code: 1, error: { code: 'runs.unknown_event' } })
  }
  expect(await fail('runs', 'list', '--state', 'lost')).toMatchObject({
    code: 64,
    error: { code: 'cli.state_unknown' },
  })
  for (const limit of ['0', 'many', '1e3']) {
    expect(await fail('runs', 'list', '--limit', limit)).toMatchObject({
      code: 64,
      error: { code: 'cli.limit_invalid' },
    })
  }
})
