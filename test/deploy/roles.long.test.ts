// Intake and worker as processes of their own, which share nothing but the database.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { poolSizeFor } from '../../src/postgres/database.ts'
import { freshDatabase } from '../support/database.ts'
import { expectExactly } from '../support/oracle.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const hires = 20
const concurrency = 4

describe('Separate roles', () => {
  let world: World
  const started: ServiceProcess[] = []
  beforeEach(async () => {
    const database = await freshDatabase({ lent: false })
    world = await openWorld({ database, service: false, hibob: { readLagSeconds: 0 } })
  })
  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.kill()))
    await world.close()
  })

  const start = async (ROLE: string, WORKER_CONCURRENCY: number) => {
    const env = { ...world.env, ROLE, WORKER_CONCURRENCY: String(WORKER_CONCURRENCY) }
    const service = await startServiceProcess(env)
    started.push(service)
    return service
  }
  const metric = async ({ adminUrl }: ServiceProcess, name: string) => {
    const text = await (await fetch(`${adminUrl}/metrics`)).text()
    return Number(new RegExp(`^pinpoint_webhooks_${name} (\\S+)$`, 'm').exec(text)?.[1])
  }
  const checks = async ({ url }: ServiceProcess) => {
    const response = await fetch(`${url}/readyz`)
    const { checks } = (await response.json()) as { readonly checks: readonly { readonly name: string }[] }
    return [response.status, ...checks.map(({ name }) => name)]
  }
  /** Connections that were opened since then by anybody but who asks. */
  const connectionsSince = async (time: Date) => {
    const { rows } = await world.store.database.pool.query<{ count: number }>(
      `select count(*) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_start > $1`,
      [time],
    )
    return rows[0]?.count
  }
  const databaseTime = async () => {
    const { rows } = await world.store.database.pool.query<{ now: Date }>('select clock_timestamp() as now')
    return rows[0]?.now ?? new Date(0)
  }

  it('take webhooks without any worker, and do the work without any intake, each exactly once', async () => {
    const before = await databaseTime()
    const intake = await start('intake', 1)
    await Promise.all(Array.from({ length: hires }, () => world.hire({}, { url: intake.url })))
    expect(await connectionsSince(before)).toBeLessThanOrEqual(poolSizeFor(1) + 1)
    expect(await checks(intake)).toEqual([200, 'database', 'schema', 'keys', 'intake'])
    // What autoscalers and alerts go by is told although nobody works.
    await until('all runs to have begun', async () => (await metric(intake, 'due_runs')) === hires)
    expect(await metric(intake, 'inbox_events')).toBe(0)
    expect(await metric(intake, 'oldest_due_run_seconds')).toBeGreaterThan(0)
    expect(await intake.stop()).toBe(0)
    expectExactly(world, 0)

    const between = await databaseTime()
    const [one, other] = await Promise.all([start('worker', concurrency), start('worker', concurrency)])
    expect(await checks(one)).toEqual([200, 'database', 'schema', 'keys', 'intake', 'worker'])
    expect((await world.send('{}', { url: other.url })).status).toBe(404)
    const runs = await world.settled(hires)
    expect(await connectionsSince(between)).toBeLessThanOrEqual(2 * (poolSizeFor(concurrency) + 1) + 1)
    expect(runs.filter(({ state }) => state !== 'done')).toEqual([])
    expectExactly(world, hires)
  })
})
