import { afterEach, describe, expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { runCommand } from '../support/command-line.ts'
import { expectExactly } from '../support/oracle.ts'
import type { World, WorldOptions } from '../support/world.ts'
import { addMissed, ago, hour, openToSweep, sweepAcme } from './missed-hires.ts'

let world: World
afterEach(() => world.close())

async function open(options: WorldOptions = {}): Promise<void> {
  world = await openToSweep(options)
}
const missed = (seed: object = {}, hiredAt?: string) => addMissed(world, seed, hiredAt)
const sweep = (...more: readonly string[]) => sweepAcme(world, ...more)

const events = () => world.store.runs.listEvents({ limit: 10_000 })
const runs = () => world.store.runs.listRuns({ limit: 10_000 })

describe('a sweep', () => {
  it('takes up each missed hire once, those of confidential jobs too, however often it is repeated', async () => {
    await open()
    const open1 = missed()
    const confidential = missed({ job: { visibility: 'confidential', title: 'Chief' } })
    expect(await sweep()).toMatchObject({ code: 0, json: { state: 'done', seen: 2, missing: 2, runs: 2 } })
    expect(
      (await events()).map(({ subject, origin, deliveries }) => [subject, origin, deliveries]).sort(),
    ).toEqual([
      [open1.id, 'sweep', 0],
      [confidential.id, 'sweep', 0],
    ])
    expect(await sweep()).toMatchObject({ code: 0, json: { seen: 2, missing: 0, runs: 0 } })
    expect(await sweep('--since', '30d')).toMatchObject({ json: { missing: 0 } })
    expect(await events()).toHaveLength(2)
    expect(await runs()).toHaveLength(2)
  })

  it('leaves alone what a webhook has told, who is not hired, and other tenants', async () => {
    await open()
    const told = missed()
    world.sandbox.pinpoint.addTenant({ subdomain: 'other' })
    world.sandbox.pinpoint.addApplication({ tenant: 'other', hiredAt: ago(5 * hour) })
    missed({ stage: 'offer' })
    const service = await startOwnService()
    await world.send(hireEvent(told.id, told.job.id), { url: service.url })
    await service.close()
    expect(await sweep()).toMatchObject({ json: { seen: 1, missing: 0 } })
    expect(await events()).toMatchObject([{ origin: 'webhook' }])
  })

  it('takes up who was hired again after the last webhook', async () => {
    await open()
    const { id, job } = missed()
    const service = await startOwnService()
    await world.send(hireEvent(id, job.id), { url: service.url })
    await service.close()
    await world.store.database.pool.query(`update events set received_at = now() - interval '2 days'`)
    expect(await sweep()).toMatchObject({ json: { missing: 1 } })
    expect(await sweep()).toMatchObject({ json: { missing: 0 } })
  })

  it('started twenty times at once makes one event of each hire', async () => {
    await open()
    for (let index = 0; index < 5; index++) missed()
    const all = await Promise.all(Array.from({ length: 20 }, () => sweep()))
    expect(all.map(({ code }) => code).filter((code) => code !== 0 && code !== 75)).toEqual([])
    expect(all.some(({ code }) => code === 0)).toBe(true)
    expect(await events()).toHaveLength(5)
  })

  it('takes nobody from before the connection was enabled, from before its time, undated or just hired', async () => {
    await open()
    missed({ hiredAt: ago(20 * 24 * hour) })
    missed({ hiredAt: ago(60_000) })
    missed({ hiredAt: null })
    expect(await sweep()).toMatchObject({
      json: { seen: 3, missing: 0, fresh: 1, older: 1, withoutDate: 1 },
    })
    await world.store.database.pool.query(`update connections set enabled_since = now()`)
    missed()
    expect(await sweep()).toMatchObject({ json: { seen: 4, missing: 0, older: 2 } })
    expect(await events()).toEqual([])
    expect(await sweep('--since', '30d', '--undated', '--preview')).toMatchObject({
      json: { seen: 4, missing: 2, fresh: 2, older: 0, withoutDate: 0 },
    })
    expect(await sweep('--since', '30d')).toMatchObject({ json: { missing: 2, withoutDate: 1 } })
  })

  it('with --preview says what it would take up, and writes nothing', async () => {
    await open()
    const { id } = missed()
    expect(await sweep('--preview')).toMatchObject({
      json: { preview: true, missing: 1, runs: 1, hires: [{ application: id, integrations: ['hibob'] }] },
    })
    expect(await events()).toEqual([])
    const { rows } = await world.store.database.pool.query('select from sweeps')
    expect(rows).toHaveLength(0)
    expect(world.sandbox.ledger().calls).toEqual({ 'pinpoint applications.list 200': 1 })
  })

  it('asks for the connection that no webhook has told of a hire that others know', async () => {
    await open({ webhook: true })
    const { id, job } = missed()
    const service = await startOwnService()
    await world.send(hireEvent(id, job.id), { url: service.url, query: '?integration=hibob' })
    await service.close()
    expect(await sweep()).toMatchObject({ json: { missing: 1, runs: 1 } })
    expect(await events()).toMatchObject([{ origin: 'webhook', deliveries: 1 }])
    expect((await runs()).map(({ integration }) => integration).sort()).toEqual(['hibob', 'webhook'])
    expect(await sweep()).toMatchObject({ json: { missing: 0 } })
  })

  it('waits for Pinpoint’s limit, which costs nothing', async () => {
    await open()
    missed()
    world.sandbox.faults.add({ system: 'pinpoint', effect: { rateLimit: { resetInSeconds: 1 } } })
    expect(await sweep()).toMatchObject({ code: 0, json: { state: 'done', missing: 1 } })
    world.sandbox.faults.add({ system: 'pinpoint', effect: { rateLimit: { resetInSeconds: 1 } } })
    expect(await sweep('--preview')).toMatchObject({ code: 0, json: { seen: 1, missing: 0 } })
  })

  it('fails after some tries while Pinpoint is down, and the next one succeeds', async () => {
    await open()
    missed()
    const down = world.sandbox.faults.add({
      system: 'pinpoint',
      effect: { status: 503, headers: { 'retry-after': '1' } },
      times: 'always',
    })
    expect(await sweep()).toMatchObject({ code: 75, json: { state: 'failed', code: 'pinpoint.unavailable' } })
    world.sandbox.faults.remove(down.id)
    expect(await sweep()).toMatchObject({ code: 0, json: { missing: 1 } })
  })

  it('goes on first with one that was left by a process that died', async () => {
    await open()
    missed()
    const { pool } = world.store.database
    const [tenant] = await world.store.tenants.list()
    const request = { tenant: tenant!, since: new Date(Date.now() - 6 * hour), anyAge: false, undated: false }
    await world.store.sweeps.begin(request, 'another machine')
    expect(await sweep()).toMatchObject({ code: 75, json: { error: { code: 'sweep.under_way' } } })
    await pool.query(`update sweeps set lease_until = now()`)
    expect(await sweep()).toMatchObject({ code: 0, json: { state: 'done', missing: 0 } })
    const { rows } = await pool.query<{ state: string; missing: number }>(
      'select state, missing from sweeps order by created_at',
    )
    expect(rows).toEqual([
      { state: 'done', missing: 1 },
      { state: 'done', missing: 0 },
    ])
  })

  it('takes no hire from while a connection was off: enabling it again begins anew', async () => {
    await open()
    missed()
    await runCommand(['connections', 'disable', 'acme', 'hibob'], world.env)
    await runCommand(['connections', 'enable', 'acme', 'hibob'], world.env)
    expect(await sweep()).toMatchObject({ json: { missing: 0, older: 1 } })
    await world.apply()
    expect(await sweep('--since', '1d', '--preview')).toMatchObject({ json: { missing: 1 } })
  })
})

describe('a webhook that comes after its hire was swept', () => {
  it('is a duplicate: no second event, no second run, nothing twice in the world', async () => {
    await open()
    const { id, job } = missed()
    await sweep()
    const service = await startOwnService()
    await world.settled(1)
    const triggeredAt = Math.floor(Date.now() / 1000) - 3600
    for (const query of ['', '?integration=hibob']) {
      const answer = await world.send(hireEvent(id, job.id, triggeredAt), { url: service.url, query })
      expect(await answer.json()).toMatchObject({ duplicate: true, runs: 0 })
    }
    await service.close()
    expect(await events()).toMatchObject([{ origin: 'sweep', deliveries: 2 }])
    expect(await runs()).toMatchObject([{ state: 'done', result: { did: 'created' } }])
    expectExactly(world, 1)
  })

  it('of a later hire is an event of its own', async () => {
    await open()
    const { id, job } = missed()
    await sweep()
    await world.store.database.pool.query(`update events set received_at = now() - interval '1 day'`)
    const service = await startOwnService()
    const answer = await world.send(hireEvent(id, job.id), { url: service.url })
    expect(await answer.json()).toMatchObject({ duplicate: false, runs: 1 })
    await world.settled(2)
    await service.close()
    expectExactly(world, 1)
  })

  it('and one that comes at the same moment make one event', async () => {
    await open()
    const hires = Array.from({ length: 40 }, () => missed())
    const service = await startOwnService()
    const triggeredAt = Math.floor(Date.now() / 1000) - 3600
    const [swept] = await Promise.all([
      sweep(),
      ...hires.map(({ id, job }) => world.send(hireEvent(id, job.id, triggeredAt), { url: service.url })),
    ])
    expect(swept).toMatchObject({ json: { state: 'done' } })
    expect(await events()).toHaveLength(40)
    await world.settled(40)
    await service.close()
    expectExactly(world, 40)
  }, 60_000)
})

async function startOwnService() {
  const { startService } = await import('../../src/app/service.ts')
  const { silentLog } = await import('../../src/observe/log.ts')
  return startService(world.config, silentLog)
}
