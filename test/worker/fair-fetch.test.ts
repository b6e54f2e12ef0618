import { beforeEach, describe, expect, it } from 'vitest'

import type { ConnectionId, RunId } from '../../src/base/ids.ts'
import type { Job } from '../../src/queue/ports.ts'
import { createFairFetch, type FairFetch } from '../../src/worker/fair-fetch.ts'
import { createMemoryDatabase } from '../support/memory/database.ts'
import { createMemoryQueue, type MemoryQueue } from '../support/memory/queue.ts'

let now: number
let receiving: boolean
let queue: MemoryQueue
let fair: FairFetch
const clock = { now: () => new Date(now), sleep: () => Promise.resolve() }

beforeEach(() => {
  now = Date.parse('2026-03-01T12:00:00Z')
  receiving = true
  queue = createMemoryQueue(createMemoryDatabase(clock))
  fair = createFairFetch(queue, { concurrency: 20, clock, receiving: () => receiving })
})

function send(count: number, { replay = false, connection = 'con_1' } = {}): void {
  const job = { turn: 1, connection: connection as ConnectionId, replay }
  queue.send(Array.from({ length: count }, (_, index) => ({ ...job, run: `run_${index}` as RunId })))
}

/** Takes whatever there is for 20 slots, and again after so many milliseconds, so many times. */
async function take(times = 1, milliseconds = 0): Promise<readonly Job[]> {
  const taken: Job[] = []
  for (let time = 0; time < times; time++) {
    if (time > 0) now += milliseconds
    taken.push(...(await fair.fetch(20 - taken.length, taken)))
  }
  return taken
}

const replays = (jobs: readonly Job[]) => jobs.filter(({ replay }) => replay).length

describe('replays', () => {
  it('take all common slots while no webhook comes in', async () => {
    receiving = false
    send(100, { replay: true })
    expect(replays(await take())).toBe(18)
  })

  it('start one by one while webhooks come in, in a tenth of the slots', async () => {
    send(100, { replay: true })
    expect(replays(await take())).toBe(1)
    expect(fair.heldBackUntil()).toBe(now + 100)
    expect(replays(await take(5, 20))).toBe(0)
    expect(replays(await take(50, 100))).toBe(2)
  })

  it('go on at full speed when no webhook has come for a while', async () => {
    send(100, { replay: true })
    await take()
    receiving = false
    expect(fair.heldBackUntil()).toBeUndefined()
    expect(replays(await take())).toBe(18)
  })

  it('leave what is fresh alone, also that which comes later', async () => {
    send(100, { replay: true })
    send(30)
    const jobs = await take()
    expect([jobs.length, replays(jobs)]).toEqual([18, 0])
    now += 100
    send(5, { connection: 'con_2' })
    fair.news()
    const more = await fair.fetch(2, jobs)
    expect(more.map(({ connection, replay }) => [connection, replay])).toEqual([
      ['con_2', false],
      ['con_2', false],
    ])
  })

  it('are not asked for again and again when there are none', async () => {
    let asked = 0
    const counting = {
      ...queue,
      fetch: (...given: Parameters<MemoryQueue['fetch']>) => (asked++, queue.fetch(...given)),
    }
    fair = createFairFetch(counting, { concurrency: 20, clock, receiving: () => receiving })
    await take()
    const first = asked
    await take(8, 110)
    expect(asked).toBe(first)
    fair.news()
    await take()
    expect(asked).toBeGreaterThan(first)
  })
})
