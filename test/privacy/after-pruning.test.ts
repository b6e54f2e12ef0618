// A hire whose event and run were pruned long ago, and that comes up once more: still one employee, one CV, one comment.
import { randomBytes } from 'node:crypto'

import { afterEach, describe, expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { startService } from '../../src/app/service.ts'
import { readConfig } from '../../src/config/environment.ts'
import { type Log, silentLog } from '../../src/observe/log.ts'
import { runCommand } from '../support/command-line.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const hour = 3_600_000
const events = () => world.store.runs.listEvents({ limit: 10 })

/** As if everything had happened 401 days earlier, and nobody had pruned within the hour. */
async function age(): Promise<void> {
  const { pool } = world.store.database
  await pool.query(`update events set received_at = received_at - interval '401 days'`)
  await pool.query(`update runs set finished_at = finished_at - interval '401 days'`)
  await pool.query('delete from scheduled_jobs')
}

describe('A hire that was pruned', () => {
  it('makes nothing a second time when its webhook is sent again, or a sweep finds it (case 63)', async () => {
    world = await openWorld({ service: false })
    const lines: object[] = []
    const info: Log['info'] = (fields, message) => lines.push({ ...fields, message })
    const { id, job } = world.sandbox.pinpoint.addApplication({
      hiredAt: new Date(Date.now() - hour).toISOString(),
    })
    const webhook = hireEvent(id, job.id)

    let service = await startService(world.config, silentLog)
    expect((await world.send(webhook, { url: service.url })).status).toBe(200)
    await world.settled(1)
    expectExactly(world, 1)
    await service.close()

    await age()
    service = await startService(world.config, { ...silentLog, info })
    try {
      await until('the hire to be pruned', async () => (await events()).length === 0)
      expect(await world.store.runs.listRuns({ limit: 10 })).toEqual([])
      await until('it to be told', () => lines.some((line) => 'events' in line && 'runs' in line))
      expect(lines).toContainEqual({ events: 1, runs: 1, message: 'finished work pruned by age' })
      const metrics = await (await fetch(`${service.adminUrl}/metrics`)).text()
      expect(metrics).toContain('pinpoint_webhooks_pruned_total{what="runs"} 1')

      const again = await world.send(webhook, { url: service.url })
      expect(await again.json()).toEqual({ event: null, duplicate: true, runs: 0 })
      expect(await world.store.runs.listRuns({ limit: 10 })).toEqual([])
      expectExactly(world, 1)
      const swept = await runCommand(['sweep', '--tenant', 'acme', '--since', '1d', '--json'], world.env)
      expect(swept).toMatchObject({ code: 0, json: { missing: 1, runs: 1 } })
      expect(await world.settled(1)).toMatchObject([{ state: 'done', result: { how: 'found' } }])
      expect(await events()).toMatchObject([{ origin: 'sweep' }])
      expectExactly(world, 1)
    } finally {
      await service.close()
    }
  })
})

it('M3: the same signed body is a duplicate after its event was pruned and the keys were rotated', async () => {
  const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`
  const [old, fresh] = [key('old'), key('fresh')]
  world = await openWorld({ service: false, env: { ENCRYPTION_KEYS: old } })
  const { id, job } = world.sandbox.pinpoint.addApplication()
  const webhook = hireEvent(id, job.id)
  const envOf = (keys: string) => ({ ...world.env, ENCRYPTION_KEYS: keys })
  let service = await startService(world.config, silentLog)
  await world.send(webhook, { url: service.url })
  await world.settled(1)
  await service.close()
  await age()
  service = await startService(world.config, silentLog)
  await until('the hire to be pruned', async () => (await events()).length === 0)
  await service.close()
  expect((await runCommand(['keys', 'rotate'], envOf(`${fresh},${old}`))).code).toBe(0)
  service = await startService(readConfig(envOf(fresh)), silentLog)
  try {
    const again = await world.send(webhook, { url: service.url })
    expect(await again.json()).toEqual({ event: null, duplicate: true, runs: 0 })
    expect(await world.store.runs.listRuns({ limit: 10 })).toEqual([])
  } finally {
    await service.close()
  }
})
