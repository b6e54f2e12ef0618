/** What the queue promises: each job is one worker's at a time, until it is ended or that worker falls silent. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import { claim, done, hire, inAnHour, onlyJob, type OpenStores, type Stores, waiting } from './harness.ts'

export function queueSuite(open: OpenStores): void {
  let stores: Stores
  beforeEach(async () => {
    stores = await open()
    await hire(stores, '1', { asked: 'hibob' })
  })
  afterEach(() => stores.close())

  it('a job that somebody has is given to nobody else', async () => {
    await onlyJob(stores)
    expect(await stores.queue.fetch(5)).toEqual([])
  })

  it('fresh hires come before replays, otherwise the oldest first', async () => {
    const first = await claim(stores, await onlyJob(stores))
    await stores.runs.settle(first.run.lease, first.job, done)
    await stores.runAdmin.replay(first.run.event.id, ['hibob'])
    await hire(stores, '2', { asked: 'hibob' })
    await hire(stores, '3', { asked: 'hibob' })
    const subjects: string[] = []
    for (let taken = 0; taken < 3; taken++) {
      const [job] = await stores.queue.fetch(1)
      subjects.push((await claim(stores, job!)).run.subject)
    }
    expect(subjects).toEqual(['2', '3', '1'])
  })

  it('a job handed back is handed out again at once, as another delivery, and the one before it ends nothing', async () => {
    const job = await onlyJob(stores)
    await stores.queue.handBack([job])
    const again = await onlyJob(stores)
    expect(again).toMatchObject({ id: job.id, delivery: job.delivery + 1 })
    await stores.queue.drop(job)
    await stores.queue.handBack([job])
    expect(await stores.queue.fetch(5)).toEqual([])
    const { run } = await claim(stores, again)
    expect(await stores.runs.settle(run.lease, again, waiting())).toBe(true)
    expect(await stores.queue.fetch(5)).toHaveLength(1)
  })

  it('a job whose worker fell silent is handed out again; one whose heartbeat goes on is not', async () => {
    const job = await onlyJob(stores)
    await stores.fallSilent(job)
    await stores.supervise()
    const again = await onlyJob(stores)
    expect(again).toMatchObject({ id: job.id, delivery: job.delivery + 1 })
    await stores.fallSilent(again)
    await stores.queue.touch([again])
    await stores.supervise()
    expect(await stores.queue.fetch(5)).toEqual([])
  })

  it('a late heartbeat of the delivery before keeps nothing', async () => {
    const job = await onlyJob(stores)
    await stores.fallSilent(job)
    await stores.supervise()
    const again = await onlyJob(stores)
    await stores.fallSilent(again)
    await stores.queue.touch([job])
    await stores.supervise()
    expect(await onlyJob(stores)).toMatchObject({ delivery: again.delivery + 1 })
  })

  it('a dropped job is gone', async () => {
    const job = await onlyJob(stores)
    await stores.queue.drop(job)
    await stores.queue.handBack([job])
    expect(await stores.queue.fetch(5)).toEqual([])
  })

  it('a run that waits is not handed out before its time', async () => {
    const { run, job } = await claim(stores, await onlyJob(stores))
    await stores.runs.settle(run.lease, job, waiting({ nextAt: inAnHour() }))
    expect(await stores.queue.fetch(5)).toEqual([])
  })
}
