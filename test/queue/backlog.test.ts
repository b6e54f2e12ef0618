// The numbers that alerts and autoscalers go by: what waits for a worker, and for how long.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createEventStore } from '../../src/intake/store/deliveries.ts'
import { silentLog } from '../../src/observe/log.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import { createBacklogReader } from '../../src/queue/store/backlog.ts'
import { openSpine, type Spine } from '../support/spine.ts'

describe('The backlog', () => {
  let spine: Spine
  let now: Date
  const clock = { now: () => now, sleep: async () => {} }
  const later = (seconds: number) => (now = new Date(now.getTime() + seconds * 1000))
  beforeEach(async () => {
    spine = await openSpine()
    now = new Date('2026-03-02T09:00:00Z')
  })
  afterEach(() => spine.close())

  const put = (application: string, columns: string) =>
    spine.pool.query(`update runs set ${columns} where subject = $1`, [application])
  const reader = () => createBacklogReader({ pool: spine.pool, log: silentLog }, clock)

  it('is nothing on an empty database', async () => {
    expect(await reader()()).toEqual({
      runs: { queued: 0, running: 0, waiting: 0, parked: 0 },
      due: 0,
      oldestDueSeconds: 0,
      inbox: 0,
      oldestArrivalSeconds: 0,
      deferred: 0,
      tenantsOverQuota: 0,
      lastWebhookAt: undefined,
    })
  })

  it('knows when the last webhook came, whatever sweeps have found since', async () => {
    for (const application of ['1', '2']) await spine.hire(application, { asked: 'hibob' })
    await spine.pool.query(`update events set received_at = now() - interval '8 days'`)
    await spine.pool.query(`update events set received_at = now(), origin = 'sweep' where subject = '2'`)
    const { rows } = await spine.pool.query<{ at: Date }>(
      `select received_at as at from events where origin = 'webhook'`,
    )
    expect((await reader()())?.lastWebhookAt).toEqual(rows[0]?.at)
    const { registry } = createMetrics({ backlog: reader() })
    expect(await registry.metrics()).toContain(
      `pinpoint_webhooks_last_webhook_timestamp_seconds ${(rows[0]?.at.getTime() ?? 0) / 1000}`,
    )
  })

  it('tells of acknowledged events whose runs have not begun', async () => {
    const events = createEventStore({ ...spine, onNewEvents: () => undefined })
    for (const application of ['1', '2']) await events.record(spine.delivery(application))
    await spine.pool.query(`update inbox set arrived_at = now() - interval '1 minute'
       where event_id = (select id from events where subject = '1')`)
    const backlog = await reader()()
    expect(backlog).toMatchObject({ due: 0, inbox: 2 })
    expect(backlog?.oldestArrivalSeconds).toBeCloseTo(60, -1)
  })

  it('counts as due what a worker could take now, and neither what waits for later, is parked nor has ended', async () => {
    for (const application of ['1', '2', '3', '4', '5', '6'])
      await spine.hire(application, { asked: 'hibob' })
    await put('1', `state = 'queued', updated_at = now() - interval '40 seconds'`)
    await put('2', `state = 'waiting', next_at = now() - interval '90 seconds'`)
    await put(
      '3',
      `state = 'waiting', next_at = now() + interval '1 hour', updated_at = now() - interval '1 day'`,
    )
    await put('4', `state = 'parked', updated_at = now() - interval '1 day'`)
    await put('5', `state = 'done', finished_at = now(), updated_at = now() - interval '1 day'`)
    await put('6', `state = 'running', updated_at = now() - interval '1 day'`)
    const backlog = await reader()()
    expect(backlog).toMatchObject({ runs: { queued: 1, running: 1, waiting: 2, parked: 1 }, due: 2 })
    expect(backlog?.oldestDueSeconds).toBeGreaterThanOrEqual(90)
    expect(backlog?.oldestDueSeconds).toBeLessThan(120)
  })

  it('is counted once for all who ask within five seconds', async () => {
    const read = reader()
    const [first, second] = await Promise.all([read(), read()])
    expect(second).toBe(first)
    await spine.hire('1', { asked: 'hibob' })
    later(4.9)
    expect(await read()).toMatchObject({ due: 0 })
    later(0.1)
    expect(await read()).toMatchObject({ due: 1 })
  })

  it('is missing from /metrics while the database does not tell, said once in the log, and back afterwards', async () => {
    const lines: string[] = []
    const write = (_: object, message: string) => void lines.push(message)
    const log = { debug: write, info: write, warn: write, error: write }
    const { registry } = createMetrics({ backlog: createBacklogReader({ pool: spine.pool, log }, clock) })
    const own = async () =>
      (await registry.metrics()).match(/^pinpoint_webhooks_(due|oldest|unfinished)\S* .+$/gm)

    await spine.hire('1', { asked: 'hibob' })
    expect(await own()).toContain('pinpoint_webhooks_due_runs 1')
    expect(await own()).toContain('pinpoint_webhooks_unfinished_runs{state="queued"} 1')
    await spine.pool.query('alter table runs rename to hidden')
    for (let scrape = 0; scrape < 3; scrape += 1) {
      later(5)
      expect(await own()).toBeNull()
    }
    await spine.pool.query('alter table hidden rename to runs')
    later(5)
    expect(await own()).toContain('pinpoint_webhooks_due_runs 1')
    expect(lines).toEqual(['runs cannot be counted for /metrics', 'runs are counted again'])
  })
})
