import { describe, expect, it } from 'vitest'

import type { EventId } from '../../src/base/ids.ts'
import type { HiredApplication } from '../../src/pinpoint/hired-application.ts'
import { createSharedHires } from '../../src/runs/shared-hires.ts'

function opened() {
  let now = 0
  let fetches = 0
  const clock = { now: () => new Date(now), sleep: () => Promise.reject(new Error('nobody sleeps')) }
  const hires = createSharedHires(clock)
  return {
    fetches: () => fetches,
    later: (milliseconds: number) => (now += milliseconds),
    read: (
      event: string,
      attempt = 1,
      answer: () => Promise<HiredApplication | undefined> = async () => undefined,
    ) =>
      hires(
        { attempt, event: { id: event as EventId, name: 'application_hired', triggeredAt: new Date(0) } },
        () => {
          fetches++
          return answer()
        },
      ),
  }
}

describe('The application of an event', () => {
  it('is fetched once for the first tries of its runs that begin together', async () => {
    const { read, fetches } = opened()
    await Promise.all([read('evt_1'), read('evt_1'), read('evt_2')])
    await read('evt_1')
    expect(fetches()).toBe(2)
  })

  it('is fetched anew by a later try, which may follow a change, and by a run that begins later', async () => {
    const { read, fetches, later } = opened()
    await read('evt_1')
    await read('evt_1', 2)
    expect(fetches()).toBe(2)
    later(2_001)
    await read('evt_1')
    expect(fetches()).toBe(3)
  })

  it('that could not be fetched is a failure of each run that waited for it', async () => {
    const { read, fetches } = opened()
    const failing = () => Promise.reject(new Error('away'))
    const both = await Promise.allSettled([read('evt_1', 1, failing), read('evt_1', 1, failing)])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(fetches()).toBe(1)
  })
})
