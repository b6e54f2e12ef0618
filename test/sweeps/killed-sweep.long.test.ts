import { describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { type StartProcess, withProcesses } from '../support/with-processes.ts'
import { inWorld, type World } from '../support/world.ts'

interface Scene {
  readonly world: World
  readonly start: StartProcess
}

/** A tenant whose sweep is due, with so many hires whose webhook never came. */
function withMissed(hires: number, play: (scene: Scene) => Promise<void>): Promise<void> {
  return inWorld({ service: false }, async (world) => {
    await world.store.database.pool.query(
      `update connections set enabled_since = now() - interval '10 days';
       update tenants set created_at = now() - interval '10 days'`,
    )
    const hiredAt = new Date(Date.now() - 3_600_000).toISOString()
    for (let index = 0; index < hires; index++) {
      world.sandbox.pinpoint.addApplication({ hiredAt, email: `person-${index}@example.com` })
    }
    await withProcesses(world.env, (start) => play({ world, start }))
  })
}

const sweeps = async ({ env }: World) =>
  (await runCommand(['tenants', 'show', 'acme', '--json'], env)).json as {
    readonly lastSweep: { readonly id: string; readonly state: string; readonly missing: number } | null
  }

describe.concurrent('a scheduled sweep', () => {
  it(
    'whose process is killed on its second page is gone on with, and every hire is taken up once',
    () =>
      withMissed(120, async ({ world, start }) => {
        world.sandbox.pinpoint.addTenant({ subdomain: 'acme', mostPerPage: 50 })
        const { faults } = world.sandbox
        // The first page is answered; the second call is held, and its caller killed.
        const held = faults.add({
          system: 'pinpoint',
          operation: 'applications.list',
          every: 2,
          times: 1,
          effect: { hold: 'before' },
        })
        const first = await start()
        await faults.whenHeld(held.id)
        await first.kill()
        faults.remove(held.id)
        const before = await world.store.runs.listEvents({ limit: 1000 })
        expect(before.length).toBe(50)

        const second = await start()
        await until('the sweep to end', async () => (await sweeps(world)).lastSweep?.state === 'done', 60)
        expect(await sweeps(world)).toMatchObject({ lastSweep: { missing: 120 } })
        const events = await world.store.runs.listEvents({ limit: 1000 })
        expect(new Set(events.map(({ subject }) => subject)).size).toBe(120)
        expect(events).toHaveLength(120)

        const alerts = second.output().match(/webhooks that never came/g)
        expect(alerts).toHaveLength(1)
        const metrics = await (await fetch(`${second.adminUrl}/metrics`)).text()
        expect(metrics).toContain('pinpoint_webhooks_missed_hires_total 120')
        expect(metrics).toContain('pinpoint_webhooks_sweeps_total{state="done"} 1')
      }),
    120_000,
  )

  it(
    'becomes employees, CVs and comments like a webhook, and logs nothing personal',
    () =>
      withMissed(3, async ({ world, start }) => {
        const service = await start()
        expect((await world.settled(3)).map(({ state }) => state)).toEqual(['done', 'done', 'done'])
        expectExactly(world, 3)
        expect(service.output()).not.toMatch(/person-|@example\.com|pinpoint-sandbox-key/)
      }),
    60_000,
  )

  it(
    'fails with what to do when Pinpoint refuses the key, and one error line',
    () =>
      withMissed(1, async ({ world, start }) => {
        world.sandbox.pinpoint.addTenant({ subdomain: 'acme', apiKey: 'another' })
        const service = await start()
        await until('the sweep to fail', async () => (await sweeps(world)).lastSweep?.state === 'failed', 30)
        const shown = await runCommand(['tenants', 'show', 'acme'], world.env)
        expect(shown.out).toContain(
          'failed (pinpoint refused the credentials (401, unauthorized). (request id ',
        )
        expect(service.output()).toContain('a sweep failed')
      }),
    60_000,
  )
})
