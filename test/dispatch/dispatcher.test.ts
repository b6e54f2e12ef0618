import { describe, expect, it } from 'vitest'

import { RetryLater } from '../../src/base/failure.ts'
import { newEventId } from '../../src/base/ids.ts'
import { dispatchAll, startDispatcher } from '../../src/dispatch/dispatcher.ts'
import type { Inbox } from '../../src/intake/ports.ts'
import { silentLog } from '../../src/observe/log.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

const away = new RetryLater('store.database_away', 'The database cannot be reached at the moment.')

/** Of so many inbox each call begins 200; `fail` makes the next calls fail. */
function open(count = 0) {
  const clock = createVirtualClock()
  const began: number[] = []
  const state = { count, fail: 0, deferred: 0 }
  const inbox: Inbox = {
    async dispatch() {
      if (state.fail > 0) {
        state.fail--
        throw away
      }
      const events = Array.from({ length: Math.min(200, state.count) }, newEventId)
      state.count -= events.length
      if (events.length > 0) began.push(clock.now().getTime())
      return { events, more: events.length === 200 }
    },
  }
  /** Hands back a hundred of so many at each call. */
  const quotas = {
    async release() {
      looked.push(clock.now().getTime())
      const released = Math.min(100, state.deferred)
      state.deferred -= released
      state.count += released
      return released > 0
    },
  }
  const looked: number[] = []
  const lines: string[] = []
  const tell = (_fields: object, text: string) => lines.push(text)
  const log = { ...silentLog, info: tell, warn: tell, error: tell }
  return { clock, inbox, quotas, state, began, looked, lines, log }
}

describe('The runs of what was acknowledged', () => {
  it('begin at once after a quiet moment, and in batches with pauses at load', async () => {
    const { clock, inbox, quotas, state, began, log } = open()
    const dispatcher = startDispatcher({ inbox, quotas, clock, log })
    const start = clock.now().getTime()
    const run = (milliseconds: number) => clock.runUntil(new Date(start + milliseconds))
    await run(5_000)
    state.count = 1
    dispatcher.wake()
    await run(5_001)
    expect(began).toEqual([start + 5_000])

    state.count = 1_000
    dispatcher.wake()
    await run(6_000)
    expect(state.count).toBe(0)
    const pauses = began.slice(1).map((at, index) => at - began[index]!)
    expect(pauses.slice(1).every((pause) => pause >= 50)).toBe(true)
    await dispatcher.stop()
  })

  it('begin without being told: what a process that died has left, and what another one leaves later', async () => {
    const { clock, inbox, quotas, state, began, log } = open(3)
    const dispatcher = startDispatcher({ inbox, quotas, clock, log })
    const start = clock.now().getTime()
    await clock.runUntil(new Date(start + 1))
    expect(began).toEqual([start])
    state.count = 2
    await clock.runUntil(new Date(start + 15_000))
    expect(began).toHaveLength(2)
    await dispatcher.stop()
  })

  it('are tried again every second while the database is away, which is told once, however many webhooks come', async () => {
    const { clock, inbox, quotas, state, began, lines, log } = open(1)
    state.fail = 3
    const dispatcher = startDispatcher({ inbox, quotas, clock, log })
    const start = clock.now().getTime()
    for (let at = 100; at < 2_500; at += 100) {
      await clock.runUntil(new Date(start + at))
      dispatcher.wake()
    }
    await clock.runUntil(new Date(start + 4_000))
    expect(began).toEqual([start + 3_000])
    expect(lines).toEqual([
      'stored events cannot be dispatched; trying again every second',
      'stored events are dispatched again',
    ])
    await dispatcher.stop()
  })

  it('that have arrived by the end of a process begin before it', async () => {
    const { clock, inbox, quotas, state, log } = open()
    const dispatcher = startDispatcher({ inbox, quotas, clock, log })
    await clock.runUntil(new Date(clock.now().getTime() + 1))
    state.count = 450
    await dispatcher.stop()
    expect(state.count).toBe(0)
  })

  it('begin of what was deferred with the next poll, and then one batch after another while there is room', async () => {
    const { clock, inbox, quotas, state, looked, log } = open()
    const dispatcher = startDispatcher({ inbox, quotas, clock, log })
    const start = clock.now().getTime()
    await clock.runUntil(new Date(start + 1))
    state.deferred = 250
    for (const at of [2_000, 4_000]) {
      dispatcher.wake()
      await clock.runUntil(new Date(start + at))
    }
    expect(looked).toEqual([start])
    await clock.runUntil(new Date(start + 15_000))
    expect(state).toMatchObject({ deferred: 0, count: 0 })
    expect(looked).toHaveLength(5)
    await dispatcher.stop()
  })

  it('begin within the answer where nothing runs after it; what fails there begins later', async () => {
    const { inbox, state, lines, log } = open(450)
    await dispatchAll({ inbox, log })
    expect(state.count).toBe(0)
    state.fail = 1
    await dispatchAll({ inbox, log })
    expect(lines).toEqual(['stored events are dispatched later'])
  })
})
