// `connections check --open-jobs` against the sandbox: a hire that would park is found before somebody is hired.
import { afterEach, expect, it, vi } from 'vitest'

import type { Sandbox } from '../../sandbox/index.ts'
import { runCommand, runJson } from '../support/command.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

// A process each command: seconds on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let world: World
afterEach(() => world.close())

const open = async (options: WorldOptions = {}, prepare: (sandbox: Sandbox) => void = () => {}) => {
  world = await openWorld({ service: false, ...options })
  world.sandbox.hibob.addEmployee({ email: 'somebody@example.com' })
  prepare(world.sandbox)
}

interface OpenJobs {
  readonly counts: {
    readonly jobs: number
    readonly goThrough: number
    readonly leaveOut: number
    readonly park: number
  }
  readonly general: readonly { readonly ok: boolean; readonly what: string; readonly because: string }[]
  readonly jobs: readonly {
    readonly id: string
    readonly title: string | null
    readonly findings: readonly {
      readonly would: string
      readonly what: string
      readonly because: string
      readonly fix: string
    }[]
  }[]
}

const line = ['connections', 'check', 'acme', 'hibob', '--open-jobs']
const check = async () => {
  const { code, data } = await runJson(line, { env: world.env, here: true })
  const { connections } = data as { readonly connections: readonly { readonly openJobs: OpenJobs }[] }
  return { code, ...connections[0]!.openJobs }
}
const told = (jobs: OpenJobs['jobs']) =>
  jobs.flatMap(({ id, findings }) =>
    findings.map(({ would, what, because }) => `${id} ${would} ${what}: ${because}`),
  )
const failed = (general: OpenJobs['general']) =>
  general.filter(({ ok }) => !ok).map(({ what, because }) => `${what}: ${because}`)

it('says which open jobs would park, which would lose something, and how to mend it; closed jobs do not matter', async () => {
  await open({ hibob: { site: undefined, sites: { Leeds: 'London (Demo)' } } }, ({ pinpoint }) => {
    pinpoint.addJob({ id: '1' })
    pinpoint.addJob({ id: '2', location: 'Leeds', title: 'software engineer' })
    pinpoint.addJob({ id: '3', location: 'Bergen', visibility: 'confidential' })
    pinpoint.addJob({ id: '4', location: null })
    pinpoint.addJob({ id: '5', title: 'Baker', department: 'Bakery' })
    pinpoint.addJob({ id: '6', location: 'Atlantis', status: 'closed' })
    pinpoint.addJob({ id: '7', location: 'Atlantis', status: 'draft' })
  })
  const { code, counts, general, jobs } = await check()
  expect({ code, counts, failed: failed(general) }).toEqual({
    code: 2,
    counts: { jobs: 5, goThrough: 2, leaveOut: 1, park: 2 },
    failed: [],
  })
  expect(told(jobs)).toEqual([
    '3 park Site: HiBob has no site "Bergen".',
    '4 park Site: The job has no location, and the connection has no `site`.',
    '5 leave_out Title: The title "Baker" would be left out: it is not in HiBob’s list.',
    '5 leave_out Department: The department "Bakery" would be left out: it is not in HiBob’s list.',
  ])
  expect(jobs.find(({ id }) => id === '3')?.findings[0]?.fix).toContain('"London (Demo)"')

  const { stdout } = await runCommand(line, { env: world.env, here: true })
  expect(stdout).toContain(
    'Open jobs: 5; a hire would go through on 2, with something left out on 1, and PARK on 2.',
  )
  expect(stdout).toContain('Job 3, Software Engineer\n    PARK  Site: HiBob has no site "Bergen". Set ')
})

it('only reads', async () => {
  await open({}, ({ pinpoint }) => void pinpoint.addJob())
  const { code, counts } = await check()
  expect({ code, counts }).toEqual({ code: 0, counts: { jobs: 1, goThrough: 1, leaveOut: 0, park: 0 } })
  const made = world.sandbox.ledger().counts
  expect(made).toMatchObject({ employees: 0, documents: 0, comments: 0 })
  expect(Object.keys(world.sandbox.ledger().calls).filter((call) => /create|upload/.test(call))).toEqual([])
})

it('reads all pages, and waits for a limit of Pinpoint and of HiBob', async () => {
  await open({}, ({ pinpoint, faults }) => {
    for (let id = 1; id <= 230; id++)
      pinpoint.addJob({ id: String(id), location: id === 230 ? 'Bergen' : null })
    const limited = { rateLimit: { limit: 50, resetInSeconds: 1 } }
    faults.add({ system: 'pinpoint', operation: 'jobs.list', every: 2, times: 1, effect: limited })
    faults.add({ system: 'hibob', operation: 'lists.get', every: 4, times: 1, effect: limited })
  })
  const { counts } = await check()
  expect(counts).toEqual({ jobs: 230, goThrough: 230, leaveOut: 0, park: 0 })
  const { calls } = world.sandbox.ledger()
  expect(calls).toMatchObject({
    'pinpoint jobs.list 200': 3,
    'pinpoint jobs.list 429': 1,
    'hibob lists.get 429': 1,
  })
  const { stdout } = await runCommand(['connections', 'check', 'acme', '--open-jobs'], { env: world.env })
  expect(stdout).toContain('Open jobs: 230; a hire would go through on 230.')
  expect(stdout).toContain('webhook')
  expect(stdout).toContain('nothing to check before there is a hire')
})

it('says that the API key may not read jobs, and which permission that is', async () => {
  await open({}, ({ pinpoint, faults }) => {
    pinpoint.addJob()
    faults.add({ system: 'pinpoint', operation: 'jobs.list', every: 1, effect: { status: 403 } })
  })
  const { code, counts, general } = await check()
  expect({ code, jobs: counts.jobs }).toEqual({ code: 2, jobs: 0 })
  expect(failed(general)).toEqual([expect.stringMatching(/^Pinpoint jobs: .*403.*Job: Read/)])
})

it('says what HiBob leaves out of employees without a word', async () => {
  await open({}, ({ pinpoint, hibob }) => {
    pinpoint.addJob()
    hibob.addCompany({ name: 'acme', hiddenFields: ['internal.status', 'internal.lifecycleStatus'] })
  })
  const { code, general } = await check()
  expect(code).toBe(2)
  expect(failed(general)).toEqual([
    expect.stringMatching(
      /^Fields of employees: HiBob leaves out internal\.status, internal\.lifecycleStatus/,
    ),
  ])
})

it('says when HiBob shows nobody, so that what it leaves out cannot be seen', async () => {
  world = await openWorld({ service: false })
  const { code, general } = await check()
  expect(code).toBe(2)
  expect(failed(general)).toEqual([
    expect.stringMatching(/^Fields of employees: HiBob shows no employee at all/),
  ])
})

it('judges the jobs although HiBob does not show its lists', async () => {
  await open({}, ({ pinpoint, faults }) => {
    pinpoint.addJob({ title: 'Engineer' })
    faults.add({ system: 'hibob', operation: 'lists.get', every: 1, effect: { status: 404 } })
  })
  const { code, jobs } = await check()
  expect(code).toBe(0)
  expect(jobs[0]?.findings.map(({ because }) => because)).toEqual([
    'The title "Engineer" would be left out: its list of titles cannot be read.',
    'The department "Engineering" would be left out: its list of departments cannot be read.',
  ])
})

it('tells refused credentials of HiBob once, in plain words, and judges no job', async () => {
  await open({}, ({ pinpoint, faults }) => {
    pinpoint.addJob()
    faults.add({ system: 'hibob', every: 1, effect: { status: 401 } })
  })
  const { code, counts, general } = await check()
  expect({ code, jobs: counts.jobs }).toEqual({ code: 2, jobs: 0 })
  expect(failed(general)).toEqual([expect.stringMatching(/^HiBob: .*refused.*401/)])
})
