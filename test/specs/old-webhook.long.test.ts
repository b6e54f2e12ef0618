// M3: a signed body that comes long after its hire, from whoever has kept it.
import { afterEach, expect, it } from 'vitest'

import { hireEvent, sampleEvent, signPinpoint } from '../../sandbox/index.ts'
import { type Log, silentLog } from '../../src/observe/log.ts'
import { resumeRun } from '../../src/operator/operate.ts'
import { runJson } from '../support/command.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, signingSecret, type World } from '../support/world.ts'

let world: World
let lines: object[]
afterEach(() => world.close())

async function open(options: Parameters<typeof openWorld>[0] = {}): Promise<void> {
  lines = []
  const warn: Log['warn'] = (fields, message) => lines.push({ ...fields, message })
  world = await openWorld({ ...options, log: { ...silentLog, warn } })
}

const daysAgo = (days: number) => Math.floor(Date.now() / 1000) - days * 86_400
const runs = () => world.store.runs.listRuns({ limit: 10 })
const hire = (days: number) => {
  const { id, job } = world.sandbox.pinpoint.addApplication()
  return { id, body: hireEvent(id, job.id, daysAgo(days)) }
}
async function deliveries(outcome: string): Promise<string | undefined> {
  const metrics = await (await fetch(`${world.service?.adminUrl ?? ''}/metrics`)).text()
  return metrics.match(new RegExp(`deliveries_total\\{outcome="${outcome}"\\} (\\d+)`))?.[1]
}

it('M3: one of eight days ago is stored, its run is parked until somebody resumes it, and then it is made once', async () => {
  await open()
  const { body } = hire(8)
  const answer = await world.send(body)
  expect(answer.status).toBe(200)
  const { event, ...rest } = (await answer.json()) as { readonly event: string }
  expect(rest).toEqual({ duplicate: false, runs: 0, parked: 1 })
  expect(await (await world.send(body)).json()).toEqual({ event, duplicate: true, runs: 0 })

  const [run] = await world.settled(1)
  expect(run).toMatchObject({ event, state: 'parked', code: 'intake.stale', resumesOn: 'person', attempt: 0 })
  expect(run?.fix).toContain('resume the run')
  expect(world.sandbox.ledger().employees).toEqual([])
  expect(await deliveries('stale')).toBe('1')
  expect(lines).toContainEqual(expect.objectContaining({ tenant: 'acme', event, parked: 1 }))

  await resumeRun(world.store.runs, run?.id ?? '')
  expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
  expectExactly(world, 1)
})

it('M3: one that is older than anything that is kept starts nothing and is not stored, but told and counted', async () => {
  await open()
  const { body } = hire(401)
  for (let times = 0; times < 2; times++) {
    const answer = await world.send(body)
    expect([answer.status, await answer.json()]).toEqual([200, { event: null, duplicate: false, runs: 0 }])
  }
  expect(await runs()).toEqual([])
  expect(await world.store.runs.listEvents({ limit: 10 })).toEqual([])
  expect(await deliveries('expired')).toBe('2')
  expect(lines).toContainEqual(expect.objectContaining({ tenant: 'acme', name: 'application_hired' }))
})

it('M3: one of six days ago, Pinpoint’s sample, and an old one that a person sends begin at once', async () => {
  await open()
  expect(await (await world.send(hire(6).body)).json()).toMatchObject({ runs: 1 })
  expect(await (await world.send(sampleEvent)).json()).toMatchObject({ runs: 1 })
  const { id } = hire(800)
  const args = ['send', '--tenant', 'acme', '--url', world.service?.url ?? '', '--application', id]
  const sent = await runJson([...args, '--triggered-at', String(daysAgo(800))], {
    env: world.env,
    here: true,
  })
  expect(sent).toMatchObject({ data: { answer: { duplicate: false, runs: 1 } } })
  const settled = await world.settled(3)
  expect(settled.map(({ state, code }) => code ?? state).sort()).toEqual([
    'done',
    'done',
    'pinpoint.sample_event',
  ])
})

it('M3: one that waited in quarantine until its secret was corrected begins when a person admits it', async () => {
  await open({ signingSecrets: ['secret_of_last_month'] })
  const { body } = hire(8)
  expect((await world.send(body, { signature: signPinpoint(signingSecret, body) })).status).toBe(401)
  await world.apply({ signingSecrets: [signingSecret] })
  const verify = () => runJson(['quarantine', 'verify'], { env: world.env, here: true })
  await until('it to be admitted', async () => {
    const { data } = await verify()
    return (data as { readonly admitted: readonly unknown[] }).admitted.length === 1
  })
  expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
})
