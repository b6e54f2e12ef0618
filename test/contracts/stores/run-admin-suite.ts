/** What the run runAdmin promises to people: each act moves a run on once, and only from where it may. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import { cancelRun, replayEvent, resumeRun, type RunName } from '../../../src/operator/operate.ts'
import { isFinished, type Settlement } from '../../../src/runs/run.ts'
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

export function deskSuite(open: OpenStores): void {
  let stores: Stores
  beforeEach(async () => {
    stores = await open()
  })
  afterEach(() => stores.close())

  it('a parked run resumes when its connection is mended, with a fresh retry budget', async () => {
    let { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, waiting())
    ;({ run, job } = await claim(stores, await onlyJob(stores)))
    await stores.runs.settle(run.lease, job, parked)
    const shown = await stores.runAdmin.showRun(run.lease.run)
    expect(shown?.run).toMatchObject({ state: 'parked', fix: 'Set one.' })
    const { hibob, webhook } = stores.connectionIds
    expect(await stores.declarations.change((records) => records.resume([webhook]))).toBe(0)
    expect(await stores.declarations.change((records) => records.resume([hibob]))).toBe(1)
    expect(await stores.runAdmin.showRun(run.lease.run)).toMatchObject({ run: { state: 'parked' } })
    expect(await stores.resumeChanged()).toBe(1)
    expect(await stores.resumeChanged()).toBe(0)
    expect(await stores.runAdmin.showRun(run.lease.run)).toMatchObject({
      run: { state: 'queued', code: null },
    })
    const again = await stores.runs.claim(await onlyJob(stores), 'w')
    expect(again).toMatchObject({ failures: 0, firstFailedAt: undefined, attempt: 3 })
  })

  it('a run that a person must lift is not lifted by its connection', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, { ...parked, resumesOn: 'person' })
    const { hibob } = stores.connectionIds
    expect(await stores.declarations.change((records) => records.resume([hibob]))).toBe(0)
    expect(await stores.resumeChanged()).toBe(0)
    expect((await resumeRun(stores.runAdmin, run.lease.run)).state).toBe('queued')
  })

  it('what a person decides of a parked run is written as it resumes, with who and why, and only then', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const id = run.lease.run
    const decided = { decision: { is: 'record', record: '77' }, by: 'maria', reason: 'Asked them' } as const
    await stores.runs.settle(run.lease, job, waiting())
    await expect(resumeRun(stores.runAdmin, id, decided)).rejects.toMatchObject({ code: 'runs.not_parked' })
    const waited = await claim(stores, await onlyJob(stores))
    expect(waited.run.decision).toBeUndefined()
    await stores.runs.settle(waited.run.lease, waited.job, parked)

    const view = {
      is: 'record',
      record: '77',
      by: 'maria',
      reason: 'Asked them',
      at: expect.any(String) as string,
    }
    expect(await resumeRun(stores.runAdmin, id, decided)).toMatchObject({ state: 'queued', decision: view })
    await expect(resumeRun(stores.runAdmin, id, decided)).rejects.toMatchObject({ code: 'runs.not_parked' })
    const text = 'resumed by maria: record 77 is the hire’s. Because: Asked them'
    expect((await stores.runAdmin.showRun(id))?.timeline.map((entry) => entry.text)).toContain(text)
    const again = await claim(stores, await onlyJob(stores))
    expect(again.run.decision?.decision).toMatchObject({ is: 'record', record: '77' })

    // It stays when the run goes on for another reason, and gives way to another one.
    await stores.runs.settle(again.run.lease, again.job, parked)
    await resumeRun(stores.runAdmin, id)
    const kept = await claim(stores, await onlyJob(stores))
    expect(kept.run.decision).toEqual(again.run.decision)
    await stores.runs.settle(kept.run.lease, kept.job, parked)
    const changed = await resumeRun(stores.runAdmin, id, { decision: { is: 'make_again' } })
    expect(changed.decision).toMatchObject({ is: 'make_again', record: null, by: null, reason: null })
  })

  it('a waiting run resumes at once, and its job for later starts nothing', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, waiting())
    expect((await resumeRun(stores.runAdmin, run.lease.run)).state).toBe('queued')
    const started = []
    for (const due of await stores.queue.fetch(5)) started.push(await stores.runs.claim(due, 'w'))
    expect(started).toHaveLength(2)
    expect(started.filter((one) => one !== undefined)).toHaveLength(1)
  })

  it('only a parked, waiting or delayed run is resumed', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, done)
    await expect(resumeRun(stores.runAdmin, run.lease.run)).rejects.toThrow(
      'only a parked, waiting or delayed run',
    )
  })

  it('an event is replayed once at a time', async () => {
    const { event } = await hire(stores, '1', { asked: 'hibob' })
    const handles = { event: () => ['hibob'] }
    await expect(replayEvent(stores.runAdmin, event, handles)).rejects.toThrow('is queued')
    const { run, job } = await claim(stores, await onlyJob(stores))
    await stores.runs.settle(run.lease, job, done)
    await replayEvent(stores.runAdmin, event, handles)
    await expect(replayEvent(stores.runAdmin, event, handles)).rejects.toThrow('is queued')
    const states = (await stores.runAdmin.listRuns({ limit: 5 })).map(({ state }) => isFinished(state))
    expect(states.sort()).toEqual([false, true])
  })

  it('a run can be cancelled while a worker is on it, whose settlement then changes nothing', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    expect((await cancelRun(stores.runAdmin, run.lease.run)).state).toBe('cancelled')
    expect(await stores.runs.settle(run.lease, job, done)).toBe(false)
    expect((await stores.runAdmin.showRun(run.lease.run))?.run.state).toBe('cancelled')
    await expect(cancelRun(stores.runAdmin, run.lease.run)).rejects.toThrow('is cancelled already')
  })

  it('the attempts of a timeline never count backwards, and a wait that costs none keeps its number', async () => {
    let { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, waiting({ kind: 'permit' }))
    ;({ run, job } = await claim(stores, await onlyJob(stores)))
    await stores.runs.settle(run.lease, job, waiting())
    ;({ run, job } = await claim(stores, await onlyJob(stores)))
    await stores.runs.settle(run.lease, job, done)
    const shown = await stores.runAdmin.showRun(run.lease.run)
    expect(shown?.timeline.map(({ attempt, kind }) => `${attempt} ${kind}`)).toEqual([
      ...['0 queued', '1 running', '1 waiting', '1 running', '1 waiting', '2 running', '2 done'],
    ])
  })

  it('what a person does to a run stands under its last attempt, also after a wait that cost none', async () => {
    let { run, job } = await hiredAndClaimed(stores)
    const id = run.lease.run
    await stores.runs.settle(run.lease, job, waiting())
    ;({ run, job } = await claim(stores, await onlyJob(stores)))
    await stores.runs.settle(
      run.lease,
      job,
      waiting({ kind: 'unclear', reason: 'Fails.', nextAt: inAnHour() }),
    )
    await resumeRun(stores.runAdmin, id, { by: 'maria' })
    ;({ run, job } = await claim(stores, await onlyJob(stores)))
    await stores.runs.settle(
      run.lease,
      job,
      waiting({ kind: 'permit', reason: 'Later.', nextAt: inAnHour() }),
    )
    expect((await stores.runAdmin.showRun(id))?.run).toMatchObject({ state: 'waiting', attempt: 2 })
    await cancelRun(stores.runAdmin, id, { by: 'maria' })
    const shown = await stores.runAdmin.showRun(id)
    expect(shown?.run).toMatchObject({ state: 'cancelled', attempt: 2, reason: 'cancelled by maria' })
    expect(shown?.timeline.map(({ attempt, kind, text }) => [attempt, kind, text])).toEqual([
      [0, 'queued', expect.any(String)],
      [1, 'running', ''],
      [1, 'waiting', 'Down.'],
      [2, 'running', ''],
      [2, 'waiting', 'Fails.'],
      [2, 'queued', 'resumed by maria'],
      [2, 'running', ''],
      [2, 'waiting', 'Later.'],
      [2, 'cancelled', 'cancelled by maria'],
    ])
  })

  it('a run that is worked on does not tell what its last attempt waited for', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, waiting())
    expect((await stores.runAdmin.showRun(run.lease.run))?.run.reason).not.toBeNull()
    await claim(stores, await onlyJob(stores))
    expect((await stores.runAdmin.showRun(run.lease.run))?.run).toMatchObject({
      ...{ state: 'running', code: null, reason: null },
    })
  })

  it('a cancelled run says who has cancelled it and why, and no longer what would mend it', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, parked)
    await cancelRun(stores.runAdmin, run.lease.run, { by: 'maria', reason: 'Hired by mistake' })
    const shown = await stores.runAdmin.showRun(run.lease.run)
    const reason = 'cancelled by maria. Because: Hired by mistake'
    expect(shown?.run).toMatchObject({ state: 'cancelled', code: null, reason, fix: null, resumesOn: null })
    expect(shown?.timeline.at(-1)).toMatchObject({ kind: 'cancelled', text: reason })
  })

  it('lists are newest first and filtered by what is asked', async () => {
    await hire(stores, '1', { asked: 'hibob' })
    await hire(stores, '2', { asked: 'webhook' })
    const { job, run } = await claim(stores, (await stores.queue.fetch(1))[0]!)
    await stores.runs.settle(run.lease, job, done)
    const subjects = async (filter: object) =>
      (await stores.runAdmin.listRuns({ limit: 5, ...filter })).map(({ subject }) => subject)
    expect(await subjects({ states: ['done'] })).toEqual(['1'])
    expect(await subjects({ integration: 'webhook' })).toEqual(['2'])
    expect(await subjects({ tenant: 'globex' })).toEqual([])
    expect(await subjects({ limit: 1 })).toHaveLength(1)
    for (const state of ['refused', 'cancelled']) expect(await subjects({ states: [state] })).toEqual([])
    const [open] = await stores.runAdmin.listRuns({ states: ['queued'], limit: 5 })
    await cancelRun(stores.runAdmin, open!.id)
    for (const filter of [{}, { tenant: 'acme' }, { integration: 'webhook' }])
      expect(await subjects({ states: ['cancelled'], ...filter })).toEqual(['2'])
    expect(await subjects({ states: ['cancelled'], integration: 'hibob' })).toEqual([])
    expect(await subjects({ states: ['refused'] })).toEqual([])
    expect(await stores.runAdmin.listEvents({ subject: '2', limit: 5 })).toMatchObject([
      { subject: '2', deliveries: 1 },
    ])
  })

  it('lists take several states, an application, a code and a moment, and are counted', async () => {
    for (const application of ['1', '2', '3', '4']) await hire(stores, application, { asked: 'hibob' })
    const endings: readonly Settlement[] = [
      done,
      parked,
      { state: 'refused', code: 'pinpoint.not_hired', reason: 'Not hired.' },
    ]
    const jobs = await stores.queue.fetch(4)
    for (const [index, settlement] of endings.entries()) {
      const { run, job } = await claim(stores, jobs[index]!)
      await stores.runs.settle(run.lease, job, settlement)
    }
    const ended = async (filter: object) =>
      (await stores.runAdmin.listRuns({ limit: 9, ...filter })).map(({ state }) => state).sort()
    expect(await ended({ states: ['parked', 'refused', 'done'] })).toEqual(['done', 'parked', 'refused'])
    expect(await ended({ states: ['queued', 'cancelled'] })).toEqual(['queued'])
    expect(await ended({ code: parked.code })).toEqual(['parked'])
    expect(await ended({ code: parked.code, states: ['refused', 'done'] })).toEqual([])
    expect(await ended({ code: 'pinpoint.not_hired' })).toEqual(['refused'])
    expect(await ended({ subject: jobs[3]!.run.slice(0, 4) })).toEqual([])
    const [open] = await stores.runAdmin.listRuns({ states: ['queued'], limit: 1 })
    expect(await ended({ subject: open!.subject })).toEqual(['queued'])
    const since = new Date(open!.createdAt)
    expect(await ended({ since: new Date(since.getTime() - 60_000) })).toHaveLength(4)
    expect(await ended({ since: new Date(since.getTime() + 60_000) })).toEqual([])
    expect(await stores.runAdmin.countRuns({ limit: 100 })).toBe(4)
    expect(await stores.runAdmin.countRuns({ states: ['parked', 'refused', 'done'], limit: 100 })).toBe(3)
    expect(await stores.runAdmin.countRuns({ limit: 2 })).toBe(2)
  })

  it('a run is found by its id, by the beginning of it, by its event and by its application', async () => {
    const { event } = await hire(stores, '1')
    await hire(stores, '2', { asked: 'hibob' })
    const names = async (kind: RunName['kind'], value: string, filter: object = {}) =>
      (await stores.runAdmin.findRuns({ kind, value }, { limit: 9, ...filter }))
        .map(({ subject, integration }) => `${subject} ${integration}`)
        .sort()
    const both = ['1 hibob', '1 webhook']
    expect(await names('application', '1')).toEqual(both)
    expect(await names('event', event)).toEqual(both)
    expect(await names('application', '1', { integration: 'hibob', tenant: 'acme' })).toEqual(['1 hibob'])
    expect(await names('application', '1', { tenant: 'globex' })).toEqual([])
    expect(await names('id', 'run_')).toEqual([...both, '2 hibob'])
    const id = `run_${event.slice(4)}_hibob`
    expect(await names('id', id.slice(0, -5))).toEqual(both)
    expect(await names('id', id.slice(0, -4))).toEqual(['1 hibob'])
    expect(await names('id', 'run_%')).toEqual([])

    // A replay has its run’s name with a number behind it; the name itself is the first one’s.
    for (const job of await stores.queue.fetch(9)) {
      const { run } = await claim(stores, job)
      await stores.runs.settle(run.lease, job, done)
    }
    const handles = { event: () => ['hibob'] }
    await replayEvent(stores.runAdmin, event, handles)
    const found = await stores.runAdmin.findRuns({ kind: 'id', value: id }, { limit: 9 })
    expect(found.map((run) => run.id)).toEqual([id])
    const [newest] = await stores.runAdmin.findRuns(
      { kind: 'application', value: '1' },
      { integration: 'hibob', limit: 9 },
    )
    expect(newest).toMatchObject({ id: `${id}_1`, state: 'queued' })
  })
}
