/** What the run runAdmin promises to people: each act moves a run on once, and only from where it may. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import { cancelRun, replayEvent, resumeRun } from '../../../src/operator/operate.ts'
import { isFinished } from '../../../src/runs/run.ts'
import {
  claim,
  done,
  hire,
  hiredAndClaimed,
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

  it('lists are newest first and filtered by what is asked', async () => {
    await hire(stores, '1', { asked: 'hibob' })
    await hire(stores, '2', { asked: 'webhook' })
    const { job, run } = await claim(stores, (await stores.queue.fetch(1))[0]!)
    await stores.runs.settle(run.lease, job, done)
    const subjects = async (filter: object) =>
      (await stores.runAdmin.listRuns({ limit: 5, ...filter })).map(({ subject }) => subject)
    expect(await subjects({ state: 'done' })).toEqual(['1'])
    expect(await subjects({ integration: 'webhook' })).toEqual(['2'])
    expect(await subjects({ tenant: 'globex' })).toEqual([])
    expect(await subjects({ limit: 1 })).toHaveLength(1)
    for (const state of ['refused', 'cancelled']) expect(await subjects({ state })).toEqual([])
    const [open] = await stores.runAdmin.listRuns({ state: 'queued', limit: 5 })
    await cancelRun(stores.runAdmin, open!.id)
    for (const filter of [{}, { tenant: 'acme' }, { integration: 'webhook' }])
      expect(await subjects({ state: 'cancelled', ...filter })).toEqual(['2'])
    expect(await subjects({ state: 'cancelled', integration: 'hibob' })).toEqual([])
    expect(await subjects({ state: 'refused' })).toEqual([])
    expect(await stores.runAdmin.listEvents({ subject: '2', limit: 5 })).toMatchObject([
      { subject: '2', deliveries: 1 },
    ])
  })
}
