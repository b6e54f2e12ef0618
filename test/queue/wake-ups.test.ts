import { describe, expect, it } from 'vitest'

import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { startListener } from '../../src/postgres/listener.ts'
import { openQueue } from '../../src/queue/store/queue.ts'
import { createWakeUps, type WakeUp } from '../../src/queue/wake-ups.ts'
import { freshDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

function listening(...wakeUps: readonly WakeUp[]) {
  const emitter = createWakeUps()
  const woken: WakeUp[] = []
  for (const wakeUp of wakeUps) emitter.on(wakeUp, () => woken.push(wakeUp))
  return { emitter, woken }
}

describe('Wake-ups', () => {
  it('reach everybody who waits for them, and nobody else', () => {
    const { emitter, woken } = listening('runs_due', 'runs_due', 'inbox')
    emitter.tell('runs_due')
    emitter.tell('rechecks_due')
    expect(woken).toEqual(['runs_due', 'runs_due'])
  })

  it('come from other processes, and from one that does not say who it is; not twice from this one', () => {
    const { emitter, woken } = listening('rechecks_due')
    emitter.notified('rechecks_due', createWakeUps().origin)
    emitter.notified('rechecks_due', '')
    expect(woken).toHaveLength(2)
    emitter.notified('rechecks_due', emitter.origin)
    expect(woken).toHaveLength(2)
  })

  it('are told at once in the process that announces them, and once to each other process', async () => {
    const database = await freshDatabase()
    const pool = openPool(database.url, 3)
    const own = listening('runs_due')
    const other = listening('runs_due', 'rechecks_due')
    const options = { channels: ['runs_due', 'rechecks_due'] as const, log: silentLog }
    const listeners = [own, other].map(({ emitter }) =>
      startListener(database.url, { ...options, onNotification: emitter.notified }),
    )
    const queue = await openQueue(pool, { supervise: false, log: silentLog, wakeUps: own.emitter })
    try {
      // Each channel is told once when its listener begins.
      await until('both to listen', async () => own.woken.length === 1 && other.woken.length === 2)
      queue.announce(['runs_due'])
      expect(own.woken).toHaveLength(2)
      await until('the other to be told', async () => other.woken.length === 3)
      // What was sent before this has come by then.
      queue.announce(['rechecks_due'])
      await until('the other to be told again', async () => other.woken.length === 4)
      expect(own.woken).toEqual(['runs_due', 'runs_due'])
    } finally {
      await Promise.all(listeners.map((listener) => listener.stop()))
      await queue.close()
      await pool.end()
      await database.drop()
    }
  })
})
