import { describe, expect, it } from 'vitest'

import type { ConnectionId, EventId } from '../../src/base/ids.ts'
import type { HiredApplication } from '../../src/pinpoint/hired-application.ts'
import { createSharedHires } from '../../src/worker/shared-hires.ts'

function opened(answer: () => Promise<HiredApplication | undefined> = async () => undefined) {
  let now = 0
  let fetches = 0
  const clock = { now: () => new Date(now), sleep: () => Promise.reject(new Error('nobody sleeps')) }
  const hires = createSharedHires(clock)
  return {
    fetches: () => fetches,
    later: (milliseconds: number) => (now += milliseconds),
    read: (event: string, connection: string, attempt = 1) =>
      hires(
        { attempt, event: { id: event as EventId }, connection: { id: connection as ConnectionId } },
        () => {
          fetches++
          return answer()
        },
      ),
  }
}

describe('The application of an event', () => {
  it('is fetched once for the first tries of all connections that begin together', async () => {
    const { read, fetches } = opened()
    await Promise.all([read('evt_1', 'hibob'), read('evt_1', 'webhook'), read('evt_2', 'hibob')])
    await read('evt_1', 'badges')
    expect(fetches()).toBe(2)
  })

  it('is fetched anew by a later try, by a replay, and by who begins later', async () => {
    const { read, fetches, later } = opened()
    await read('evt_1', 'hibob')
    await read('evt_1', 'webhook', 2)
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
