// A worker that is stopped in the middle of runs (SIGSTOP: a suspended machine, a debugger, no CPU) and goes on too late.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, expect, it } from 'vitest'

import { judge, leaksIn } from '../../sandbox/crash-kit/judge.ts'
import type { Place } from '../../sandbox/crash-kit/plans.ts'
import { openStage, type Stage } from '../../sandbox/crash-kit/stage.ts'
import { plainHire } from '../../sandbox/crash-kit/subject.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { hibobSubject } from '../support/crash-subjects.ts'
import { freshDatabase } from '../support/database.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { storedRows } from '../support/stored-rows.ts'
import { until } from '../support/until.ts'

/** Each in a hire of its own, all in the same process at the moment in which it is stopped. */
const places: Readonly<Record<string, Omit<Place, 'nth'>>> = {
  claimed: { point: 'runs.claim.after', step: '' },
  'before-create': { point: 'http.send.before', step: 'hibob POST /people' },
  'after-create': { point: 'http.send.after', step: 'hibob POST /people' },
  'before-its-record': { point: 'ledger.done.before', step: 'Employee in HiBob' },
  'file-in-hand': { point: 'download.after', step: 'CV' },
  'after-upload': { point: 'http.send.after', step: 'hibob POST /docs/people/:id/confidential/upload' },
  'before-announcing': { point: 'ledger.attempt.before', step: 'Comment in Pinpoint' },
  'before-comment': { point: 'http.send.before', step: 'pinpoint POST /comments' },
  'before-the-end': { point: 'runs.settle.before', step: 'done' },
  // It holds the row of the run, until the server ends its transaction.
  'before-commit': { point: 'runs.settle.uncommitted', step: 'done' },
}
/** HiBob has done it, and its answer waits in the socket for a process that does not read. */
const underWay = 'under-way'
const late = [...Object.keys(places), underWay]

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const stops = process.platform === 'linux'
if (!stops) process.stdout.write('Skipped: whether a process is stopped is read in /proc.\n')

it.skipIf(!stops)(
  'a worker that goes on after its runs were taken over and finished writes nothing, and works on',
  async () => {
    const stage = await openHires()
    const [next, ...hires] = await stage.prepare(
      ['next', ...late].map((account) => ({ account, scenario: plainHire })),
    )
    if (next === undefined) throw new Error('no hire was prepared')
    const { faults } = stage.sandbox
    const answer = { system: 'hibob', account: underWay, operation: 'people.create' } as const
    const held = faults.add({ ...answer, effect: { hold: 'after' } })

    const order = Object.entries(places).map(([account, place]) => ({ account, nth: 1, ...place }))
    const stopped = await start(stage, order)
    await Promise.all(hires.map((hire) => stage.deliver(hire, () => stopped.url)))
    await faults.whenHeld(held.id)
    for (const account of Object.keys(places))
      await until(`${account} to hold`, () => stopped.output().split('\n').includes(`holding ${account}`))
    process.kill(stopped.pid, 'SIGSTOP')
    await until('the process to be stopped', () => stateOf(stopped) === 'T')

    const other = await start(stage, [])
    expect(await judge(stage, hires)).toEqual([])
    const before = await storedRows(stage.store, late)
    expect(before.runs).toHaveLength(late.length)

    faults.remove(held.id)
    // Waits until it runs again: then it goes on with all of them at once.
    process.kill(stopped.pid, 'SIGUSR2')
    process.kill(stopped.pid, 'SIGCONT')
    await until('it to notice that none of the runs is its own any more', () => {
      const notices = stopped.output().match(/"msg":"another worker has taken this run over/g) ?? []
      return notices.length === late.length
    })
    expect(await storedRows(stage.store, late)).toEqual(before)

    expect(await other.stop()).toBe(0)
    expect((await fetch(`${stopped.url}/readyz`)).status).toBe(200)
    await stage.deliver(next, () => stopped.url)
    expect(await judge(stage, [...hires, next])).toEqual([])
    expect(await stopped.stop()).toBe(0)
    expect(await storedRows(stage.store, late)).toEqual(before)
    expect(leaksIn([stopped, other].map((one) => one.output()).join('\n'), stage.secrets)).toEqual([])
  },
  120_000,
)

it('a worker whose time to finish is over hands its runs back and ends at once, wherever they are', async () => {
  const stage = await openHires()
  // A transaction is waited for.
  const { 'before-commit': _open, ...quiet } = places
  const accounts = Object.keys(quiet)
  const hires = await stage.prepare(accounts.map((account) => ({ account, scenario: plainHire })))
  const order = Object.entries(quiet).map(([account, place]) => ({ account, nth: 1, ...place }))
  const stopped = await start(stage, order, { SHUTDOWN_GRACE_SECONDS: '0' })
  await Promise.all(hires.map((hire) => stage.deliver(hire, () => stopped.url)))
  for (const account of accounts)
    await until(`${account} to hold`, () => stopped.output().split('\n').includes(`holding ${account}`))

  const ended = stopped.stop()
  await until('everything to be closed', () => stopped.output().split('\n').includes('closed'))
  process.kill(stopped.pid, 'SIGUSR2')
  const asked = performance.now()
  expect(await ended).toBe(0)
  expect(performance.now() - asked).toBeLessThan(10_000)

  await start(stage, [])
  expect(await judge(stage, hires)).toEqual([])
}, 120_000)

async function openHires(): Promise<Stage> {
  const database = await freshDatabase()
  closing.push(() => database.drop())
  const sandbox = await startSandbox()
  closing.push(() => sandbox.close())
  const stage = await openStage(hibobSubject(sandbox), sandbox, database.url)
  closing.push(() => stage.close())
  return stage
}

async function start(
  stage: Stage,
  order: readonly object[],
  more: Readonly<Record<string, string>> = {},
): Promise<ServiceProcess> {
  const program = [join(import.meta.dirname, '../support/holding-service.ts'), JSON.stringify(order)]
  const env = { ...stage.env, WORKER_CONCURRENCY: String(late.length + 5), ...more }
  const service = await startServiceProcess(env, { program })
  closing.push(() => service.kill())
  return service
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: `T` is stopped. */
function stateOf({ pid }: ServiceProcess): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2)[0]
}
