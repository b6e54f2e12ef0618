/** What a run that went without something leaves behind: one more run, later, which any of the operator's means reaches. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import type { RunId } from '../../../src/base/ids.ts'
import type { Settlement } from '../../../src/runs/run.ts'
import { claim, hiredAndClaimed, onlyJob, type OpenStores, type Stores } from './harness.ts'

const reason = 'Looks again for the CV.'
const doneFor = (inSeconds: number): Settlement => ({
  state: 'done',
  result: { did: 'created' },
  followUp: { reason, inSeconds },
})

export function followUpsSuite(open: OpenStores): void {
  let stores: Stores
  beforeEach(async () => {
    stores = await open()
  })
  afterEach(() => stores.close())

  async function followedUp(inSeconds: number): Promise<{ readonly first: RunId; readonly event: string }> {
    const { run, job } = await hiredAndClaimed(stores)
    expect(run.followUpSince).toBeUndefined()
    expect(await stores.runs.settle(run.lease, job, doneFor(inSeconds))).toBe(true)
    return { first: run.lease.run, event: run.event.id }
  }
  const runs = async () =>
    (await stores.runAdmin.listRuns({ limit: 10 })).map(({ id, state, followUp }) => [id, state, followUp])

  it('is another run of the event, which begins later and knows what it is (W17)', async () => {
    const { first } = await followedUp(600)
    const second = `${first}_1`
    expect(Object.fromEntries((await runs()).map(([id, ...told]) => [id, told]))).toEqual({
      [first]: ['done', false],
      [second]: ['queued', true],
    })
    const shown = await stores.runAdmin.showRun(second)
    expect(Date.parse(shown?.run.nextAt ?? '') - Date.now()).toBeGreaterThan(500_000)
    expect(shown?.timeline).toMatchObject([{ kind: 'queued', text: reason }])
    expect(await stores.queue.fetch(5)).toEqual([])
    // What the run looks for when it is resumed is the same.
    expect(await stores.runAdmin.queueAgain(second, ['queued'])).toBe(true)
    const { run } = await claim(stores, await onlyJob(stores))
    expect(run).toMatchObject({ lease: { run: second }, attempt: 1, followUpSince: expect.any(Date) as Date })
  })

  it('begins by itself when it is due, and there is only one', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, doneFor(0))
    // Again, as after a lost answer: it is told as it was, and makes no second one.
    expect(await stores.runs.settle(run.lease, job, doneFor(0))).toBe(true)
    const next = await claim(stores, await onlyJob(stores))
    expect(next.run.lease.run).toBe(`${run.lease.run}_1`)
    expect(await runs()).toHaveLength(2)
  })

  it('makes way for a replay, which looks at once', async () => {
    const { first, event } = await followedUp(600)
    expect(await stores.runAdmin.replay(event, ['hibob'])).toEqual([`${first}_2`])
    expect(Object.fromEntries((await runs()).map(([id, state]) => [id, state]))).toEqual({
      [first]: 'done',
      [`${first}_1`]: 'cancelled',
      [`${first}_2`]: 'queued',
    })
    expect((await onlyJob(stores)).run).toBe(`${first}_2`)
  })

  it('is cancelled like any run', async () => {
    const { first } = await followedUp(600)
    expect(await stores.runAdmin.cancel(`${first}_1`, ['queued'])).toBe(true)
    expect(await runs()).toContainEqual([`${first}_1`, 'cancelled', true])
  })
}
