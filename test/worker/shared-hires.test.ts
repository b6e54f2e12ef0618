import { describe, expect, it } from 'vitest'

import type { ConnectionId, EventId, RunId } from '../../src/base/ids.ts'
import type { ReadHire } from '../../src/pinpoint/read-hire.ts'
import { createSharedHires } from '../../src/worker/shared-hires.ts'
import { hireOf } from '../integrations/a-hire.ts'

const unknown: ReadHire = { application: undefined, comments: undefined }
const run = 'run_1' as RunId

function opened(answer: () => Promise<ReadHire> = async () => unknown) {
  let now = 0
  let fetches = 0
  const clock = { now: () => new Date(now), sleep: () => Promise.reject(new Error('nobody sleeps')) }
  const hires = createSharedHires(clock)
  return {
    hires,
    fetches: () => fetches,
    later: (milliseconds: number) => (now += milliseconds),
    read: (event: string, connection: string, { readsAfresh = false, turn = 1 } = {}) =>
      hires.read(
        {
          ...{ readsAfresh, turn, lease: { run } },
          event: { id: event as EventId },
          connection: { id: connection as ConnectionId },
        },
        () => {
          fetches++
          return answer()
        },
      ),
  }
}

describe('The application of an event', () => {
  it('is fetched once for the first attempts of all connections that begin together', async () => {
    const { read, fetches } = opened()
    await Promise.all([read('evt_1', 'hibob'), read('evt_1', 'webhook'), read('evt_2', 'hibob')])
    await read('evt_1', 'badges')
    expect(fetches()).toBe(2)
  })

  it('is fetched by itself by who reads afresh, by the same connection again, and by who begins later', async () => {
    const { read, fetches, later } = opened()
    await read('evt_1', 'hibob')
    await read('evt_1', 'webhook', { readsAfresh: true })
    expect(fetches()).toBe(2)
    await read('evt_1', 'hibob')
    expect(fetches()).toBe(3)
    later(2_001)
    await read('evt_1', 'webhook')
    expect(fetches()).toBe(4)
  })

  it('that could not be fetched is a failure of each run that waited for it', async () => {
    const { read, fetches } = opened(() => Promise.reject(new Error('away')))
    const both = await Promise.allSettled([read('evt_1', 'hibob'), read('evt_1', 'webhook')])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(fetches()).toBe(1)
  })
})

describe('What a recheck has read', () => {
  const application = hireOf()
  const resumed = { readsAfresh: true, turn: 5 }

  it('serves the attempt that it causes, once, and brings no comments along', async () => {
    const { hires, read, fetches } = opened()
    hires.handOver({ run, turn: 5 }, { application }, Promise.resolve(true))
    expect(await read('evt_1', 'hibob', resumed)).toEqual({ application, comments: undefined })
    expect(fetches()).toBe(0)
    await read('evt_1', 'hibob', resumed)
    expect(fetches()).toBe(1)
  })

  it.each([
    ['a person has resumed the run first', () => Promise.resolve(false), 5, 0],
    ['nobody knows whether the run was resumed', () => Promise.reject(new Error('away')), 5, 0],
    ['a person has resumed it once more since', () => Promise.resolve(true), 6, 0],
    ['it is old by now', () => Promise.resolve(true), 5, 10_001],
  ])('serves none when %s', async (...[_what, isResumed, turn, milliseconds]) => {
    const { hires, read, fetches, later } = opened()
    hires.handOver({ run, turn: 5 }, { application }, isResumed())
    later(milliseconds)
    expect(await read('evt_1', 'hibob', { readsAfresh: true, turn })).toEqual(unknown)
    expect(fetches()).toBe(1)
  })
})
