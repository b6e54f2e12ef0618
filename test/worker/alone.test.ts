// H3: a run that takes workers down is tried alone, and parked once it is known to be the one.
import { describe, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { NeedsPerson } from '../../src/base/failure.ts'
import { silentLog } from '../../src/observe/log.ts'
import type { Job } from '../../src/queue/ports.ts'
import type { Settlement } from '../../src/runs/run.ts'
import { assertMayStart } from '../../src/worker/open-handler.ts'
import { createSolitude } from '../../src/worker/solitude.ts'
import { startWorker, type Worker } from '../../src/worker/worker.ts'
import { claim, hire, onlyJob, type Stores } from '../contracts/stores/harness.ts'
import { openMemoryStores } from '../contracts/stores/open-memory.ts'
import { until } from '../support/until.ts'

const done: Settlement = { state: 'done', result: { did: 'created' } }

/** A worker of these stores whose tries end when they are told to. */
function holding(stores: Stores) {
  const working = new Map<string, (settlement: Settlement) => void>()
  const worker: Worker = startWorker({
    queue: stores.queue,
    runs: stores.runs,
    perform: ({ subject }) => new Promise((resolve) => working.set(subject, resolve)),
    clock: systemClock,
    log: silentLog,
    concurrency: 10,
    name: 'worker',
  })
  return {
    worker,
    at: () => [...working.keys()].sort(),
    end: (subject: string) => {
      working.get(subject)?.(done)
      working.delete(subject)
    },
  }
}

/** A hire that so many workers have died on. */
async function deadly(stores: Stores, subject: string, deaths: number): Promise<void> {
  await hire(stores, subject, { asked: 'hibob' })
  for (let death = 0; death < deaths; death++) {
    await claim(stores, await onlyJob(stores), `victim-${death}`)
    await stores.takeOver((worker) => worker === `victim-${death}`)
  }
}

describe('a run on which workers have died', () => {
  it.each([
    [1, ['1', '2', '3']],
    [2, ['2', '3']],
  ])('%i times is at work beside others: %j', async (deaths, together) => {
    const stores = await openMemoryStores()
    await deadly(stores, '1', deaths)
    for (const subject of ['2', '3']) await hire(stores, subject, { asked: 'hibob' })
    const { worker, at, end } = holding(stores)
    await until('them to be at work', async () => at().length === together.length)
    expect(at()).toEqual(together)

    // Nobody else starts while one waits for the others to end.
    await hire(stores, '4', { asked: 'hibob' })
    worker.wake()
    for (const subject of ['2', '3']) end(subject)
    await until('the deadly one to be at work', async () => at().includes('1'))
    if (deaths === 2) expect(at()).toEqual(['1'])
    end('1')
    worker.wake()
    await until('the next one to be at work', async () => at().includes('4'))
    end('4')
    await worker.idle()
    expect(await worker.stop(5)).toBe(0)
    expect((await stores.runAdmin.listRuns({ limit: 10 })).map(({ state }) => state)).toEqual(
      Array.from({ length: 4 }, () => 'done'),
    )
  })

  it('twice waits for another such one: each is alone', async () => {
    const stores = await openMemoryStores()
    await deadly(stores, '1', 2)
    const [first] = await stores.queue.fetch(1)
    await deadly(stores, '2', 2)
    await stores.queue.handBack([first!])
    const { worker, at, end } = holding(stores)
    await until('one to be at work', async () => at().length === 1)
    const [one] = at()
    end(one!)
    await until('the other', async () => at().length === 1 && at()[0] !== one)
    end(at()[0]!)
    await worker.idle()
    expect(await worker.stop(5)).toBe(0)
  })

  it('does not wait for the end of another one that is found to need it, too: that one waits for this', async () => {
    const inFlight = new Map<Job, Promise<void>>()
    const solitude = createSolitude(inFlight)
    const stores = await openMemoryStores()
    for (const subject of ['1', '2']) await hire(stores, subject, { asked: 'hibob' })
    const [one, two] = await stores.queue.fetch(2)
    const worked: (Job | undefined)[] = []
    const begin = (job: Job, ready: Promise<unknown>) => {
      const work = async () => void worked.push(job)
      inFlight.set(
        job,
        ready.then(() => solitude.keep(job, work)).finally(() => inFlight.delete(job)),
      )
    }
    const claimed = Promise.withResolvers<undefined>()
    begin(two!, claimed.promise)
    begin(one!, Promise.resolve())
    await new Promise((resolve) => setImmediate(resolve))
    expect(worked).toEqual([])
    claimed.resolve(undefined)
    await Promise.all(inFlight.values())
    expect(worked).toEqual([one, two])
  })

  it('alone is parked; a stop in between, however often, does not count', async () => {
    const stores = await openMemoryStores()
    await deadly(stores, '1', 2)
    for (let stop = 0; stop < 3; stop++) {
      const { worker, at } = holding(stores)
      await until('it to be at work', async () => at().length === 1)
      expect(await worker.stop(0)).toBe(1)
    }
    const { run } = await claim(stores, await onlyJob(stores), 'victim')
    expect(run).toMatchObject({ takeovers: 2, diedAlone: false })
    expect(await stores.runs.alone(run.lease)).toBe(true)
    await stores.takeOver((worker) => worker === 'victim')
    const { run: last } = await claim(stores, await onlyJob(stores))
    expect(last).toMatchObject({ takeovers: 3, diedAlone: true })
    expect(() => assertMayStart(last)).toThrow(NeedsPerson)
    expect(() => assertMayStart(last)).toThrow('the last one with no other run at work')
    expect(() => assertMayStart({ ...last, diedAlone: false, takeovers: 30 })).not.toThrow()
  })
})
