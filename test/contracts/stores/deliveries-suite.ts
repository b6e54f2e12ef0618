/** What the event store promises: everything that a delivery starts, at once, and nothing twice. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import { replayEvent, resumeRun } from '../../../src/operator/operate.ts'
import { storedOf } from '../../support/recorded.ts'
import { claim, deliver, done, hire, onlyJob, type OpenStores, type Stores } from './harness.ts'

export function deliveriesSuite(open: OpenStores): void {
  let stores: Stores
  beforeEach(async () => {
    stores = await open()
  })
  afterEach(() => stores.close())

  it('duplicates make one event: a run for each enabled connection, however often it is delivered at the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => hire(stores, '1')))
    expect(new Set(answers.map(({ event }) => event)).size).toBe(1)
    expect(answers.filter(({ duplicate }) => !duplicate)).toMatchObject([{ runs: 2 }])
    expect(await stores.runAdmin.listRuns({ limit: 10 })).toHaveLength(2)
    expect(await stores.runAdmin.listEvents({ limit: 10 })).toMatchObject([{ deliveries: 20, subject: '1' }])
    expect(await stores.queue.fetch(10)).toHaveLength(2)
  })

  it('the same application hired again at another time is another event', async () => {
    const first = await hire(stores, '1')
    const second = await hire(stores, '1', { at: 1_700_000_000 })
    expect(second).toMatchObject({ duplicate: false, runs: 2 })
    expect(second.event).not.toBe(first.event)
  })

  it('only what a webhook asks for is started, and the rest when another webhook of the same event asks', async () => {
    expect(await hire(stores, '1', { asked: 'hibob' })).toMatchObject({ duplicate: false, runs: 1 })
    expect(await hire(stores, '1', { asked: 'hibob' })).toMatchObject({ duplicate: true, runs: 0 })
    expect(await hire(stores, '1', { asked: 'webhook' })).toMatchObject({ duplicate: false, runs: 1 })
    expect(await hire(stores, '1')).toMatchObject({ duplicate: true, runs: 0 })
  })

  it('M3: a delivery that names no integration starts nothing more of an event that came for one: the query is not signed', async () => {
    const { event } = await hire(stores, '1', { asked: 'hibob' })
    expect(await hire(stores, '1')).toEqual({ event, duplicate: true, runs: 0 })
    expect(await hire(stores, '1', { asked: 'webhook' })).toMatchObject({ duplicate: false, runs: 1 })
  })

  it('M3: what a stale delivery starts is parked with a fix, has no job, and is resumed as any other run', async () => {
    const { event } = await hire(stores, '1', { asked: 'hibob', stale: true })
    await hire(stores, '1', { asked: 'webhook', stale: true })
    expect(await stores.queue.fetch(5)).toEqual([])
    const parked = await stores.runAdmin.listRuns({ limit: 5 })
    const beside = { state: 'parked', code: 'intake.stale', resumesOn: 'person', nextAt: null }
    expect(parked).toMatchObject([
      { ...beside, integration: 'webhook' },
      { ...beside, integration: 'hibob', fix: expect.stringContaining('resume the run') as unknown },
    ])
    const { timeline } = (await stores.runAdmin.showRun(parked[1]?.id ?? '')) ?? {}
    expect(timeline).toMatchObject([{ kind: 'parked', text: parked[1]?.reason }])
    expect(await hire(stores, '1', { stale: true })).toEqual({ event, duplicate: true, runs: 0 })

    await resumeRun(stores.runAdmin, parked[1]?.id ?? '')
    expect((await claim(stores, await onlyJob(stores))).run).toMatchObject({ attempt: 1, subject: '1' })
  })

  it('M3: a delivery of an event that was pruned is a duplicate, whatever it asks for, and stores nothing', async () => {
    const { event } = await hire(stores, '1', { asked: 'hibob' })
    const { run, job } = await claim(stores, await onlyJob(stores))
    await stores.runs.settle(run.lease, job, done)
    await stores.prune(event)
    expect(await stores.runAdmin.listEvents({ limit: 5 })).toEqual([])
    for (const asked of ['hibob', 'webhook', '*']) {
      expect(await deliver(stores, '1', { asked })).toEqual({ event: undefined, duplicate: true, runs: 0 })
    }
    const both = await Promise.all([deliver(stores, '1'), hire(stores, '2')])
    expect(both).toMatchObject([
      { event: undefined, duplicate: true },
      { duplicate: false, runs: 2 },
    ])
    expect(await stores.runAdmin.listEvents({ limit: 5 })).toMatchObject([{ subject: '2' }])
    expect(await stores.runAdmin.listRuns({ limit: 5 })).toHaveLength(2)
  })

  it('an event for which nothing is enabled is kept, and can be replayed later', async () => {
    const { hibob, webhook } = stores.connectionIds
    for (const id of [hibob, webhook]) await stores.connections.setEnabled(id, false)
    const { event, runs } = await hire(stores, '1')
    expect(runs).toBe(0)
    const handles = { event: () => ['hibob', 'webhook'], integration: 'hibob' }
    await expect(replayEvent(stores.runAdmin, event, handles)).rejects.toThrow('no enabled connection')
    await stores.connections.setEnabled(hibob, true)
    expect((await replayEvent(stores.runAdmin, event, handles)).runs).toMatchObject([
      { integration: 'hibob', state: 'queued' },
    ])
  })

  it('a delivery that could not be read is an event without runs', async () => {
    const body = Buffer.from('not json')
    const delivery = { tenant: stores.tenant, name: undefined, subject: undefined, triggeredAt: undefined }
    const unread = { ...delivery, identity: Buffer.alloc(32, 7), asked: '*', handledBy: [], body }
    const { event } = await storedOf(stores.events.record(unread))
    expect(await stores.runAdmin.showEvent(event)).toMatchObject({ name: null, subject: null, runs: [] })
    expect(await stores.queue.fetch(5)).toEqual([])
  })
}
