/** What claiming, journalling and settling promise: one worker at a time, and everything of a try at once. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import { resumeRun } from '../../../src/operator/operate.ts'
import { LeaseLost } from '../../../src/runs/ports.ts'
import type { Settlement } from '../../../src/runs/run.ts'
import {
  claim,
  done,
  hire,
  hiredAndClaimed,
  inAnHour,
  onlyJob,
  type OpenStores,
  parked,
  type Stores,
  waiting,
} from './harness.ts'

export function runsSuite(open: OpenStores): void {
  let stores: Stores
  beforeEach(async () => {
    stores = await open()
  })
  afterEach(() => stores.close())

  const step = (title: string, output: string) => {
    return { title, outcome: 'done', output, remoteId: undefined, attempt: 1, startedAt: new Date() }
  }

  it('ends with its result, its history and no job left', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const tenant = { slug: 'acme', apiKey: 'key' }
    expect(run).toMatchObject({ subject: '1', integration: 'hibob', attempt: 1, tenant })
    expect(await stores.runs.settle(run.lease, job, done)).toBe(true)
    const shown = await stores.runAdmin.showRun(run.lease.run)
    expect(shown?.run).toMatchObject({ state: 'done', result: { did: 'created' }, attempt: 1, nextAt: null })
    expect(shown?.timeline.map(({ kind }) => kind)).toEqual(['queued', 'running', 'done'])
    expect(await stores.queue.fetch(5)).toEqual([])
  })

  it('shows the calls of all attempts that have ended, and the attempts of which nobody knows them', async () => {
    const first = await hiredAndClaimed(stores)
    const limited = { ...waiting({ nextAt: new Date() }), code: 'pinpoint.rate_limited', calls: {} }
    await stores.runs.settle(first.run.lease, first.job, limited)
    const second = await claim(stores, await onlyJob(stores))
    await stores.runs.settle(second.run.lease, second.job, { ...waiting(), calls: { pinpoint: 1, hibob: 1 } })
    const third = await claim(stores, await onlyJob(stores))
    // Its worker dies.
    const fourth = await stores.runs.claim({ ...third.job, delivery: third.job.delivery + 1 }, 'another')
    const calls = { pinpoint: 1, file: 2 }
    const job = { ...third.job, delivery: third.job.delivery + 1 }
    await stores.runs.settle(fourth!.lease, job, { ...done, calls })
    expect((await stores.runAdmin.showRun(first.run.lease.run))?.cost).toMatchObject({
      calls: { pinpoint: 2, hibob: 1, file: 2 },
      uncountedAttempts: 1,
    })
  })

  it('of many that begin and end at once each has an end of its own', async () => {
    for (const application of ['1', '2', '3', '4']) await hire(stores, application, { asked: 'hibob' })
    const jobs = await stores.queue.fetch(5)
    const claimed = await Promise.all(jobs.map((job) => claim(stores, job)))
    const takenOver = claimed.find(({ run }) => run.subject === '4')!
    await stores.runs.claim({ ...takenOver.job, delivery: takenOver.job.delivery + 1 }, 'owner')
    const ends: Record<string, Settlement> = {
      1: done,
      2: waiting({ nextAt: inAnHour() }),
      3: { state: 'refused', code: 'x.gone', reason: 'Gone.' },
      4: done,
    }
    const written = await Promise.all(
      claimed.map(async ({ run, job }) => {
        const settled = await stores.runs.settle(run.lease, job, ends[run.subject]!)
        return [run.subject, settled]
      }),
    )
    expect(Object.fromEntries(written)).toEqual({ 1: true, 2: true, 3: true, 4: false })
    const runs = await stores.runAdmin.listRuns({ limit: 10 })
    const states = runs.map(({ subject, state, code }) => [subject, [state, code]])
    expect(Object.fromEntries(states)).toEqual({
      1: ['done', null],
      2: ['waiting', 'x.down'],
      3: ['refused', 'x.gone'],
      4: ['running', null],
    })
    expect(await stores.queue.fetch(5)).toEqual([])
  })

  it('goes on after a wait with the journal of what it has done, and counts the failure', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.journal.write(run.lease, step('Look', '{"a":1}'))
    await stores.runs.settle(run.lease, job, waiting())
    const again = await stores.runs.claim(await onlyJob(stores), 'w')
    expect(again).toMatchObject({ attempt: 2, failures: 1 })
    expect(again?.firstFailedAt).toBeInstanceOf(Date)
    expect(again?.journal.get('Look')).toEqual({ outcome: 'done', output: '{"a":1}' })
  })

  it('keeps the instant of its first failure', async () => {
    let { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, waiting())
    ;({ run, job } = await claim(stores, await onlyJob(stores)))
    const first = run.firstFailedAt
    await stores.runs.settle(run.lease, job, waiting())
    ;({ run } = await claim(stores, await onlyJob(stores)))
    expect(run.firstFailedAt).toEqual(first)
  })

  it('costs no attempt and no failure when the wait was free', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, waiting({ kind: 'permit' }))
    const again = await stores.runs.claim(await onlyJob(stores), 'w')
    expect(again).toMatchObject({ attempt: 1, failures: 0, firstFailedAt: undefined, waitedFor: 'permit' })
  })

  it('that waits for something that fails counts the time of it, but no attempt', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, waiting({ kind: 'unclear' }))
    const again = await stores.runs.claim(await onlyJob(stores), 'w')
    expect(again).toMatchObject({ attempt: 1, failures: 0, waitedFor: 'unclear' })
    expect(again?.firstFailedAt).toBeInstanceOf(Date)
  })

  it('counts answers that were none of the API, since it last began to fail (W6)', async () => {
    const page = waiting({ code: 'x.answer_unrecognised', kind: 'outage' })
    let { run, job } = await hiredAndClaimed(stores)
    expect(run.unrecognised).toBeUndefined()
    for (const end of [page, waiting({ kind: 'permit' }), page]) {
      await stores.runs.settle(run.lease, job, end)
      ;({ run, job } = await claim(stores, await onlyJob(stores)))
    }
    expect(run.unrecognised).toEqual({ times: 2, since: run.firstFailedAt })

    await stores.runs.settle(run.lease, job, parked)
    await resumeRun(stores.runAdmin, run.lease.run)
    ;({ run, job } = await claim(stores, await onlyJob(stores)))
    expect(run.unrecognised).toBeUndefined()
    await stores.runs.settle(run.lease, job, page)
    ;({ run } = await claim(stores, await onlyJob(stores)))
    expect(run.unrecognised).toMatchObject({ times: 1 })
  })

  it('a late worker writes nothing: no settlement, no step, no line in the ledger', async () => {
    const { run: late, job } = await hiredAndClaimed(stores)
    const owner = await stores.runs.claim({ ...job, delivery: job.delivery + 1 }, 'owner')
    expect(owner).toMatchObject({ takeovers: 1, attempt: 2 })
    expect(await stores.runs.settle(late.lease, job, done)).toBe(false)
    await expect(stores.journal.write(late.lease, step('Look', '{}'))).rejects.toThrow(LeaseLost)
    const name = {
      connection: stores.connectionIds.hibob,
      kind: 'employee',
      key: 'ada@example.com',
      title: 'Employee',
    }
    await expect(stores.ledger.hold(late.lease, name)).rejects.toThrow(LeaseLost)
    expect((await stores.runAdmin.showRun(owner!.lease.run))?.run.state).toBe('running')
  })

  it('that its worker lets go of in an orderly way is taken over without being counted (H3)', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.letGo([job])
    expect(await stores.runs.alone(run.lease)).toBe(false)
    await stores.queue.handBack([job])
    const next = await claim(stores, await onlyJob(stores), 'next')
    expect(next.run).toMatchObject({ takeovers: 0, diedAlone: false })
    // Known of this try, not of the one before.
    await stores.fallSilent(next.job)
    await stores.supervise()
    const after = await claim(stores, await onlyJob(stores), 'after')
    expect(after.run).toMatchObject({ takeovers: 1, diedAlone: false })
    await stores.runs.letGo([after.job])
    expect(await stores.takeOver((worker) => worker === 'after')).toBe(1)
    expect((await claim(stores, await onlyJob(stores))).run).toMatchObject({ takeovers: 1 })
  })

  it('whose worker died while it was alone says so to the next one, and to no later one (H3)', async () => {
    const { run } = await hiredAndClaimed(stores)
    expect(await stores.runs.alone(run.lease)).toBe(true)
    expect(await stores.takeOver((worker) => worker === 'w')).toBe(1)
    const next = await claim(stores, await onlyJob(stores))
    expect(next.run).toMatchObject({ takeovers: 1, diedAlone: true })
    expect(await stores.runs.alone(run.lease)).toBe(false)
    expect(await stores.runs.alone(next.run.lease)).toBe(true)
    await stores.runs.settle(next.run.lease, next.job, waiting())
    // It has come to an end while it was alone: it is no suspect any more.
    expect((await claim(stores, await onlyJob(stores))).run).toMatchObject({ takeovers: 0, diedAlone: false })
  })

  it('that is claimed again by the same worker for the same delivery was claimed once: only the answer was lost', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const again = await stores.runs.claim(job, 'w')
    expect(again).toMatchObject({ lease: run.lease, attempt: 1, takeovers: 0 })
    const shown = await stores.runAdmin.showRun(run.lease.run)
    expect(shown?.timeline.filter(({ kind }) => kind === 'running')).toHaveLength(1)
  })

  it('that is settled again by the same worker was settled once, and is not taken for lost', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const wait = waiting({ nextAt: inAnHour() })
    expect(await stores.runs.settle(run.lease, job, wait)).toBe(true)
    expect(await stores.runs.settle(run.lease, job, wait)).toBe(true)
    expect(
      (await stores.runAdmin.showRun(run.lease.run))?.timeline.filter(({ kind }) => kind === 'waiting'),
    ).toHaveLength(1)
    await stores.runAdmin.queueAgain(run.lease.run, ['waiting'])
    // Whatever has become of the run since, that try is settled and changes nothing.
    expect(await stores.runs.settle(run.lease, job, done)).toBe(true)
    const next = await claim(stores, await onlyJob(stores))
    expect(next.run).toMatchObject({ attempt: 2, failures: 0 })
    await stores.runAdmin.cancel(run.lease.run, ['running'])
    expect(await stores.runs.settle(next.run.lease, next.job, done)).toBe(false)
  })

  it('a job of an earlier turn starts nothing', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, waiting({ nextAt: inAnHour() }))
    expect(await stores.runs.claim(job, 'w')).toBeUndefined()
  })

  it('that has ended is claimed by nobody', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, done)
    expect(await stores.runs.claim({ ...job, turn: job.turn + 1 }, 'w')).toBeUndefined()
  })

  it('pauses its connection when the credentials were refused, once, and later runs are told', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, { ...parked, pausesConnection: true })
    const next = await hiredAndClaimed(stores, '2')
    expect(next.run.connection.paused).toEqual({
      code: parked.code,
      reason: parked.reason,
      fix: parked.fix,
    })
    const other = { ...parked, code: 'hibob.credentials_refused', pausesConnection: true }
    await stores.runs.settle(next.run.lease, next.job, other)
    expect((await stores.connections.list())[0]?.paused).toMatchObject({ code: parked.code })
  })

  it('of a dead worker is handed on at once, and the dead worker’s own job starts nothing any more', async () => {
    const { job } = await hiredAndClaimed(stores)
    expect(await stores.takeOver((worker) => worker === 'alive')).toBe(0)
    expect(await stores.takeOver((worker) => worker === 'w')).toBe(1)
    expect(await stores.runs.claim({ ...job, delivery: 1 }, 'w')).toBeUndefined()
    const again = await stores.runs.claim(await onlyJob(stores), 'w')
    expect(again).toMatchObject({ attempt: 2, takeovers: 1 })
  })

  it('about the same person waits: it is woken when the other one ends', async () => {
    const first = await hiredAndClaimed(stores, '1')
    const second = await hiredAndClaimed(stores, '2')
    const turn = waiting({ nextAt: inAnHour(), kind: 'turn', waitingFor: first.run.lease.run })
    await stores.runs.settle(second.run.lease, second.job, turn)
    expect(await stores.queue.fetch(5)).toEqual([])
    await stores.runs.settle(first.run.lease, first.job, done)
    expect((await claim(stores, await onlyJob(stores))).run).toMatchObject({ subject: '2', attempt: 1 })
  })

  it('about the same person is woken too when the other one is cancelled', async () => {
    const first = await hiredAndClaimed(stores, '1')
    const second = await hiredAndClaimed(stores, '2')
    const turn = waiting({ nextAt: inAnHour(), kind: 'turn', waitingFor: first.run.lease.run })
    await stores.runs.settle(second.run.lease, second.job, turn)
    await stores.runAdmin.cancel(first.run.lease.run, ['running'])
    expect((await claim(stores, await onlyJob(stores))).run.subject).toBe('2')
  })

  it('about the same person does not wait for one that ended before it could say so', async () => {
    const first = await hiredAndClaimed(stores, '1')
    const second = await hiredAndClaimed(stores, '2')
    await stores.runs.settle(first.run.lease, first.job, done)
    const turn = waiting({ nextAt: inAnHour(), waitingFor: first.run.lease.run })
    await stores.runs.settle(second.run.lease, second.job, turn)
    expect(await stores.queue.fetch(5)).toHaveLength(1)
  })

  it('of a tenant that was removed is gone with everything of it', async () => {
    await hire(stores, '1')
    expect(await stores.tenants.remove('acme')).toBe(true)
    expect(await stores.tenants.remove('acme')).toBe(false)
    expect(await stores.runAdmin.listRuns({ limit: 5 })).toEqual([])
    expect(await stores.runAdmin.listEvents({ limit: 5 })).toEqual([])
    for (const job of await stores.queue.fetch(5)) {
      expect(await stores.runs.claim(job, 'w')).toBeUndefined()
    }
  })
}
