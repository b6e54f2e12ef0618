/** How often a hire asks the database, when many are worked on at once: what a process can do hangs on that. */
import type pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'

import type { DecoratePort } from '../../src/app/decorate-ports.ts'
import { type Service, startService } from '../../src/app/service.ts'
import { silentLog } from '../../src/observe/log.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

const hires = 600
const people = Array.from({ length: hires }, (_, index) => ({ email: `person-${index}@example.com` }))

let world: World
let service: Service
afterEach(async () => {
  await service.close()
  await world.close()
})

describe(`${hires} hires at load`, () => {
  // Alone a hire asks some dozen times. How many share a statement depends on how busy the machine is: three times each where it is
  // idle, four in a slow moment.
  it(
    'ask the database four times each at most, from the webhook to the end of the run',
    { retry: 2, timeout: 90_000 },
    async () => {
      world = await openWorld({ service: false, env: { WORKER_CONCURRENCY: '200' } })
      const { counts, decorate } = countingStatements()
      service = await startService(world.config, silentLog, { decorate })
      counts.clear()
      const { url } = service
      await Promise.all(people.map((person) => world.hire(person, { url })))
      await world.settled(hires, 60)
      expectExactly(world, hires)
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
      const most = [...counts].sort(([, one], [, other]) => other - one).slice(0, 30)
      const lines = most.map(([text, count]) => `${String(count).padStart(6)} ${text}`)
      process.stdout.write(`round trips of a hire: ${(total / hires).toFixed(2)}\n`)
      expect(total / hires, lines.join('\n')).toBeLessThanOrEqual(4)
    },
  )
})

/** Counts what goes over the wire by its first words, without what the test itself asks. */
function countingStatements(): { readonly counts: Map<string, number>; readonly decorate: DecoratePort } {
  const counts = new Map<string, number>()
  const count = (statement: unknown) => {
    const text =
      typeof statement === 'object' && statement !== null && 'text' in statement ? statement.text : statement
    const start = String(text).trim().replaceAll(/\s+/g, ' ').slice(0, 100)
    counts.set(start, (counts.get(start) ?? 0) + 1)
  }
  const decorate: DecoratePort = (name, port) => {
    if (name === 'database' && 'pool' in port) {
      port.pool.on('connect', (client: pg.PoolClient) => {
        const query = client.query.bind(client) as (...given: unknown[]) => unknown
        let underWay = 0
        Object.assign(client, {
          query: async (...given: unknown[]) => {
            // Those that leave before the last one was answered travel with it.
            if (underWay++ === 0) count(given[0])
            try {
              return await query(...given)
            } finally {
              underWay--
            }
          },
        })
      })
    }
    return port
  }
  return { counts, decorate }
}
