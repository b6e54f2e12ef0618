import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { isFinished, replayEvent, resumeRun } from '../../src/runs/operate.ts'
import type { Job } from '../../src/runs/ports.ts'
import { LeaseLost } from '../../src/runs/ports.ts'
import type { Settlement } from '../../src/runs/run.ts'
import { takeOverFromDead } from '../../src/store/takeover.ts'
import { openSpine, type Spine } from '../support/spine.ts'

let spine: Spine
beforeEach(async () => {
  spine = await openSpine()
})
afterEach(() => spine.close())

const done: Settlement = { state: 'done', result: { did: 'created' } }
const parked: Settlement = {
  state: 'parked',
  code: 'hibob.hire_incomplete',
  reason: 'No start date.',
  fix: 'Set one.',
  liftedBy: 'connection',
  pausesConnection: false,
}

async function claimAll(jobs: readonly Job[], worker = 'w') {
  return Promise.all(
    jobs.map(async (job) => {
      const run = await spine.runs.claim(job, worker)
      if (run === undefined) throw new Error('nothing to claim')
      return { job, run }
    }),
  )
}

async function only(jobs: Promise<readonly Job[]>): Promise<Job> {
  const [job, ...more] = await jobs
  if (job === undefined || more.length > 0) throw new Error('expected one job')
  return job
}

describe('recording deliveries', () => {
  it('starts a run for each enabled connection, once, however often the event is delivered at the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => spine.hire('1')))
    expect(new Set(answers.map(({ event }) => event)).size).toBe(1)
    expect(answers.filter(({ duplicate }) => !duplicate)).toMatchObject([{ runs: 2 }])
    expect(await spine.desk.listRuns({ limit: 10 })).toHaveLength(2)
    expect(await spine.desk.listEvents({ limit: 10 })).toMatchObject([{ deliveries: 20, subject: '1' }])
    expect(await spine.queue.fetch(10)).toHaveLength(2)
  })

  it('starts only what a webhook asks for, and the rest when another webhook of the same event asks', async () => {
    expect(await spine.hire('1', { asked: 'hibob' })).toMatchObject({ duplicate: false, runs: 1 })
    expect(await spine.hire('1', { asked: 'hibob' })).toMatchObject({ duplicate: true, runs: 0 })
    expect(await spine.hire('1', { asked: 'webhook' })).toMatchObject({ duplicate: false, runs: 1 })
    expect(await spine.hire('1')).toMatchObject({ duplicate: true, runs: 0 })
  })

  it('keeps an event for which nothing is enabled, and replays it later', async () => {
    await spine.pool.query('update connections set enabled = false')
    const { event, runs } = await spine.hire('1')
    expect(runs).toBe(0)
    const handles = { event: () => ['hibob', 'webhook'], integration: 'hibob' }
    await expect(replayEvent(spine.desk, event, handles)).rejects.toThrow('no enabled connection')
    await spine.pool.query('update connections set enabled = true')
    expect((await replayEvent(spine.desk, event, handles)).runs).toMatchObject([
      { integration: 'hibob', state: 'queued' },
    ])
  })
})

describe('a run', () => {
  it('ends with its result, its history and no job left', async () => {
    await spine.hire('1', { asked: 'hibob' })
    const [claimed] = await claimAll(await spine.queue.fetch(5))
    const { run, job } = claimed!
    expect(run).toMatchObject({
      subject: '1',
      integration: 'hibob',
      attempt: 1,
      tenant: { slug: 'acme', apiKey: 'key' },
    })
    expect(await spine.runs.settle(run.lease, job, done)).toBe(true)
    const shown = await spine.desk.showRun(run.lease.run)
    expect(shown?.run).toMatchObject({ state: 'done', result: { did: 'created' }, attempt: 1, nextAt: null })
    expect(shown?.timeline.map(({ kind }) => kind)).toEqual(['queued', 'running', 'done'])
    expect(await spine.queue.fetch(5)).toEqual([])
  })

  it('waits until its time and goes on with the journal of what it has done', async () => {
    await spine.hire('1', { asked: 'hibob' })
    const [{ run, job }] = (await claimAll(await spine.queue.fetch(5))) as [
      Awaited<ReturnType<typeof claimAll>>[0],
    ]
    const step = {
      title: 'Look',
      outcome: 'done',
      output: '{"a":1}',
      remoteId: undefined,
      attempt: 1,
      startedAt: new Date(),
    }
    await spine.journal.write(run.lease, step)
    const waiting = {
      state: 'waiting',
      code: 'x',
      reason: 'Down.',
      nextAt: new Date(Date.now() - 1),
      free: false,
    } as const
    await spine.runs.settle(run.lease, job, waiting)
    const again = await spine.runs.claim(await only(spine.queue.fetch(5)), 'w')
    expect(again).toMatchObject({ attempt: 2, failures: 1 })
    expect(again?.journal.get('Look')).toEqual({ outcome: 'done', output: '{"a":1}' })
  })

  it('costs no attempt when the wait was free', async () => {
    await spine.hire('1', { asked: 'hibob' })
    const [claimed] = await claimAll(await spine.queue.fetch(5))
    const { run, job } = claimed!
    const waiting = {
      state: 'waiting',
      code: 'x',
      reason: 'Limit.',
      nextAt: new Date(Date.now() - 1),
      free: true,
    } as const
    await spine.runs.settle(run.lease, job, waiting)
    expect(await spine.runs.claim(await only(spine.queue.fetch(5)), 'w')).toMatchObject({
      attempt: 1,
      failures: 0,
    })
  })

  it('is not moved by a worker that has lost it: a late write changes nothing', async () => {
    await spine.hire('1', { asked: 'hibob' })
    const job = await only(spine.queue.fetch(5))
    const late = await spine.runs.claim(job, 'late')
    const owner = await spine.runs.claim({ ...job, delivery: job.delivery + 1 }, 'owner')
    expect(owner).toMatchObject({ takeovers: 1 })
    expect(await spine.runs.settle(late!.lease, job, done)).toBe(false)
    const name = {
      connection: spine.connections.hibob,
      kind: 'employee',
      key: 'ada@example.com',
      title: 'Employee',
    }
    await expect(spine.ledger.hold(late!.lease, name)).rejects.toThrow(LeaseLost)
    const row = await spine.ledger.hold(owner!.lease, name)
    await expect(spine.ledger.attempt(late!.lease, 'id' in row ? row.id : ('' as never))).rejects.toThrow(
      LeaseLost,
    )
    expect((await spine.desk.showRun(owner!.lease.run))?.run.state).toBe('running')
  })

  it('resumes when its connection is mended, with a fresh retry budget', async () => {
    await spine.hire('1', { asked: 'hibob' })
    const [claimed] = await claimAll(await spine.queue.fetch(5))
    const { run, job } = claimed!
    await spine.runs.settle(run.lease, job, parked)
    expect((await spine.desk.showRun(run.lease.run))?.run).toMatchObject({ state: 'parked', fix: 'Set one.' })
    expect(await spine.desk.lift([spine.connections.webhook])).toBe(0)
    expect(await spine.desk.lift([spine.connections.hibob])).toBe(1)
    expect(await spine.runs.claim(await only(spine.queue.fetch(5)), 'w')).toMatchObject({ failures: 0 })
  })

  it('resumes by hand only when it is parked or waiting', async () => {
    await spine.hire('1', { asked: 'hibob' })
    const [claimed] = await claimAll(await spine.queue.fetch(5))
    const { run, job } = claimed!
    await spine.runs.settle(run.lease, job, done)
    await expect(resumeRun(spine.desk, run.lease.run)).rejects.toThrow(
      'only a parked, waiting or delayed run',
    )
  })

  it('is replayed once at a time', async () => {
    const { event } = await spine.hire('1', { asked: 'hibob' })
    const handles = { event: () => ['hibob'] }
    await expect(replayEvent(spine.desk, event, handles)).rejects.toThrow('is queued')
    const [claimed] = await claimAll(await spine.queue.fetch(5))
    await spine.runs.settle(claimed!.run.lease, claimed!.job, done)
    await replayEvent(spine.desk, event, handles)
    const states = (await spine.desk.listRuns({ limit: 5 })).map(({ state }) => isFinished(state))
    expect(states.sort()).toEqual([false, true])
  })

  it('can be cancelled while a worker is on it, whose settlement then changes nothing', async () => {
    await spine.hire('1', { asked: 'hibob' })
    const [claimed] = await claimAll(await spine.queue.fetch(5))
    const { run, job } = claimed!
    expect(await spine.desk.cancel(run.lease.run, ['running'])).toBe(true)
    expect(await spine.runs.settle(run.lease, job, done)).toBe(false)
    expect((await spine.desk.showRun(run.lease.run))?.run.state).toBe('cancelled')
  })

  it('of a dead worker is handed on at once, and the dead worker’s own job starts nothing any more', async () => {
    await spine.hire('1', { asked: 'hibob' })
    const job = await only(spine.queue.fetch(5))
    await spine.runs.claim(job, 'dead')
    expect(await takeOverFromDead(spine.pool, spine.queue, async (worker) => worker === 'alive')).toBe(0)
    expect(await takeOverFromDead(spine.pool, spine.queue, async (worker) => worker === 'dead')).toBe(1)
    expect(await spine.runs.claim({ ...job, delivery: 1 }, 'w')).toBeUndefined()
    expect(await spine.runs.claim(await only(spine.queue.fetch(5)), 'w')).toMatchObject({ attempt: 2 })
  })
})

describe('runs about the same person', () => {
  it('take turns: the second is woken when the first ends', async () => {
    await spine.hire('1', { asked: 'hibob' })
    await spine.hire('2', { asked: 'hibob' })
    const [first, second] = await claimAll(await spine.queue.fetch(5))
    const name = {
      connection: spine.connections.hibob,
      kind: 'employee',
      key: 'ada@example.com',
      title: 'Employee',
    }
    const row = await spine.ledger.hold(first!.run.lease, name)
    expect(row).toMatchObject({ state: 'intended', attemptedAgo: undefined })
    const held = await spine.ledger.hold(second!.run.lease, { ...name, key: ' Ada@Example.com ' })
    expect(held).toEqual({ heldBy: first!.run.lease.run })

    const nextAt = new Date(Date.now() + 3_600_000)
    const turn = {
      state: 'waiting',
      code: 'x',
      reason: 'Turn.',
      nextAt,
      free: true,
      waitingFor: first!.run.lease.run,
    } as const
    await spine.runs.settle(second!.run.lease, second!.job, turn)
    expect(await spine.queue.fetch(5)).toEqual([])
    await spine.runs.settle(first!.run.lease, first!.job, done)
    expect(await spine.runs.claim(await only(spine.queue.fetch(5)), 'w')).toMatchObject({
      subject: second!.run.subject,
    })
  })

  it('do not wait for a run that ended before they could say so', async () => {
    await spine.hire('1', { asked: 'hibob' })
    await spine.hire('2', { asked: 'hibob' })
    const [first, second] = await claimAll(await spine.queue.fetch(5))
    await spine.runs.settle(first!.run.lease, first!.job, done)
    const nextAt = new Date(Date.now() + 3_600_000)
    const turn = {
      state: 'waiting',
      code: 'x',
      reason: 'Turn.',
      nextAt,
      free: true,
      waitingFor: first!.run.lease.run,
    } as const
    await spine.runs.settle(second!.run.lease, second!.job, turn)
    expect(await spine.queue.fetch(5)).toHaveLength(1)
  })
})
