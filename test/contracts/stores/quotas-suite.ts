/** M6: what is beyond a tenant's quota is stored and acknowledged as ever, and begins later: the oldest first, all of it, once. */
import { afterEach, expect, it } from 'vitest'

import { replayEvent } from '../../../src/operator/operate.ts'
import { claim, done, hire, type OpenStores, type Stores } from './harness.ts'

const none = 1_000_000

export function quotasSuite(open: OpenStores): void {
  let stores: Stores
  afterEach(() => stores.close())

  const openWith = async (limits: { readonly eventsPerDay?: number; readonly unfinishedRuns?: number }) => {
    stores = await open({ eventsPerDay: none, unfinishedRuns: none, ...limits })
  }
  const hires = async (...applications: readonly number[]) => {
    const answers = []
    for (const application of applications) answers.push(await hire(stores, String(application)))
    return answers
  }
  /** Of each application how many runs there are. */
  const begun = async () => {
    const runs = await stores.runAdmin.listRuns({ limit: 1000 })
    const bySubject = Object.groupBy(runs, ({ subject }) => subject)
    return Object.fromEntries(Object.entries(bySubject).map(([subject, own]) => [subject, own?.length]))
  }
  /** Workers finish all that they can get. */
  const finish = async (most: number) => {
    for (const job of await stores.queue.fetch(most)) {
      const { run } = await claim(stores, job)
      await stores.runs.settle(run.lease, job, done)
    }
  }

  it('M6: of unfinished runs is answered as ever, and what is beyond begins when runs have ended, the oldest first', async () => {
    await openWith({ unfinishedRuns: 4 })
    const answers = await hires(1, 2, 3, 4, 5)
    expect(answers).toEqual(
      answers.map(() => ({ event: expect.any(String) as unknown, duplicate: false, runs: 2 })),
    )
    expect(await hire(stores, '4')).toMatchObject({ duplicate: true, runs: 0 })
    expect(await stores.runAdmin.listEvents({ limit: 10 })).toHaveLength(5)
    expect(await begun()).toEqual({ 1: 2, 2: 2 })
    await stores.release()
    expect(await begun()).toEqual({ 1: 2, 2: 2 })

    await finish(2)
    await stores.release()
    expect(await begun()).toEqual({ 1: 2, 2: 2, 3: 2 })
    await finish(100)
    await stores.release()
    expect(await begun()).toEqual({ 1: 2, 2: 2, 3: 2, 4: 2, 5: 2 })
    expect(await stores.queue.fetch(100)).toHaveLength(4)
  })

  it('M6: of events a day begins no more until the day is over, however quickly its runs end', async () => {
    await openWith({ eventsPerDay: 2 })
    await hires(1, 2, 3, 4, 5)
    await finish(100)
    await stores.release()
    expect(await begun()).toEqual({ 1: 2, 2: 2 })
    await stores.letDayPass()
    await stores.release()
    expect(await begun()).toEqual({ 1: 2, 2: 2, 3: 2, 4: 2 })
    await stores.letDayPass()
    await stores.release()
    expect(await begun()).toEqual({ 1: 2, 2: 2, 3: 2, 4: 2, 5: 2 })
  })

  it('M6: begins at once again when there is room and nothing is deferred', async () => {
    await openWith({ unfinishedRuns: 2 })
    await hires(1, 2)
    for (let round = 0; round < 3; round++) {
      await finish(100)
      await stores.release()
    }
    await hires(3)
    expect(await begun()).toEqual({ 1: 2, 2: 2, 3: 2 })
  })

  it('M6: finds no way round by asking for more of an event that is known, and that begins once, too', async () => {
    await openWith({ unfinishedRuns: 2 })
    await hire(stores, '1', { asked: 'hibob' })
    await hires(2)
    expect(await hire(stores, '1', { asked: 'webhook' })).toMatchObject({ duplicate: false, runs: 1 })
    expect(await hire(stores, '1', { asked: 'webhook' })).toMatchObject({ duplicate: true, runs: 0 })
    expect(await begun()).toEqual({ 1: 1, 2: 2 })
    await finish(100)
    await stores.release()
    expect(await begun()).toEqual({ 1: 2, 2: 2 })
  })

  it('M6: has deferred both of what a webhook asked for first and of what another one asked for then', async () => {
    await openWith({ unfinishedRuns: 2 })
    await hires(1)
    await hire(stores, '2', { asked: 'hibob' })
    await hire(stores, '2', { asked: 'webhook' })
    expect(await begun()).toEqual({ 1: 2 })
    await finish(100)
    await stores.release()
    expect(await begun()).toEqual({ 1: 2, 2: 2 })
  })

  it('M6: gets what was stale when it came parked, also later', async () => {
    await openWith({ unfinishedRuns: 2 })
    await hires(1)
    const { event } = await hire(stores, '2', { stale: true })
    await finish(100)
    await stores.release()
    expect(await stores.runAdmin.listRuns({ event, limit: 5 })).toMatchObject([
      { state: 'parked', code: 'intake.stale' },
      { state: 'parked', code: 'intake.stale' },
    ])
    expect(await stores.queue.fetch(5)).toEqual([])
  })

  it('M6: starts at once what a person runs again, and nothing twice when it is released', async () => {
    await openWith({ unfinishedRuns: 2 })
    const [, second] = await hires(1, 2)
    const handles = { event: () => ['hibob', 'webhook'], integration: 'hibob' }
    await replayEvent(stores.runAdmin, second?.event ?? '', handles)
    expect(await begun()).toEqual({ 1: 2, 2: 1 })
    await finish(100)
    await stores.release()
    expect(await begun()).toEqual({ 1: 2, 2: 2 })
  })
}
