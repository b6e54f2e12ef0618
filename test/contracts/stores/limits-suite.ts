/** What the stores of limits and circuits promise: one winner of each change, and every process learns of it with its next run. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import type { TenantId } from '../../../src/base/ids.ts'
import { addressScope, defaultAddress, unknownBudget } from '../../../src/base/rate-limit.ts'
import { hiredAndClaimed, inAnHour, onlyJob, type OpenStores, type Stores, waiting } from './harness.ts'

export function limitsSuite(open: OpenStores): void {
  let stores: Stores
  beforeEach(async () => {
    stores = await open()
  })
  afterEach(() => stores.close())

  const search = () => {
    const connection = stores.connectionIds.hibob
    return { scope: connection, connection, bucket: 'hibob.search' }
  }
  const resting = (pausedUntil: number) => ({ ...unknownBudget, pausedUntil })
  const swap = (from: number, pausedUntil: number) =>
    stores.limits.swap(search(), { from, budget: resting(pausedUntil), exhaustedUntil: undefined })

  it('of two who change a limit at once one is told what the other has written', async () => {
    const both = await Promise.all([swap(0, 1), swap(0, 2)])
    expect(both.map(({ written }) => written).sort()).toEqual([false, true])
    const stored = both.find(({ written }) => written)?.stored
    expect(await swap(0, 3)).toMatchObject({ written: false, stored })
    expect(await swap(1, 4)).toMatchObject({ written: true, stored: { version: 2, budget: resting(4) } })
  })

  it('a claimed run knows the limits of its connection, and no other one', async () => {
    await swap(0, 7)
    const { webhook } = stores.connectionIds
    const other = { scope: webhook, connection: webhook, bucket: 'webhook.send' }
    await stores.limits.swap(other, { from: 0, budget: resting(9), exhaustedUntil: undefined })
    const { run } = await hiredAndClaimed(stores)
    expect(run.limits).toEqual([{ key: search(), version: 1, budget: resting(7) }])
  })

  it('a claimed run knows the limits of its tenant and of the address, and of no other tenant', async () => {
    const { run: first, job } = await hiredAndClaimed(stores)
    const tenant = first.tenant.id
    const own = { scope: tenant, tenant, bucket: 'pinpoint.api' }
    const shared = { scope: addressScope(defaultAddress), bucket: 'pinpoint.api' }
    const other = { scope: addressScope('another'), bucket: 'pinpoint.api' }
    for (const key of [own, shared, other]) {
      await stores.limits.swap(key, { from: 0, budget: resting(7), exhaustedUntil: undefined })
    }
    const gone = { scope: 'ten_gone', tenant: 'ten_gone' as TenantId, bucket: 'pinpoint.api' }
    const refused = { from: 0, budget: resting(7), exhaustedUntil: undefined }
    expect(await stores.limits.swap(gone, refused)).toMatchObject({ written: false })
    await stores.runs.settle(first.lease, job, waiting({ nextAt: new Date(0) }))
    const run = await stores.runs.claim(await onlyJob(stores), 'w')
    expect(run?.limits.map(({ key }) => key)).toEqual(expect.arrayContaining([own, shared]))
    expect(run?.limits).toHaveLength(2)
  })

  const failure = {
    destination: 'hibob',
    ofEffects: true,
    code: 'hibob.unavailable',
    reason: 'It answered 503.',
  }

  it('a circuit is opened once and closed once, and a claimed run is told of it', async () => {
    const { hibob } = stores.connectionIds
    expect(await stores.circuits.takeProbe(hibob)).toBe('closed')
    expect(await stores.circuits.open(hibob, failure)).toBe(true)
    expect(await stores.circuits.open(hibob, failure)).toBe(false)
    const { run } = await hiredAndClaimed(stores)
    expect(run.circuit).toEqual(failure)
    expect(await stores.circuits.close(hibob)).toBe(0)
    expect(await stores.circuits.close(hibob)).toBeUndefined()
  })

  it('nobody probes an open circuit at once; who asks comes back later and later', async () => {
    const { hibob } = stores.connectionIds
    await stores.circuits.open(hibob, failure)
    const times = [await stores.circuits.takeProbe(hibob), await stores.circuits.takeProbe(hibob)].map(
      (told) => {
        return typeof told === 'object' ? told.comeBackAt.getTime() : 0
      },
    )
    expect(times[0]).toBeGreaterThan(Date.now())
    expect(times[1]).toBeGreaterThan(times[0]!)
  })

  it('runs that wait because the destination failed go on when its circuit closes', async () => {
    const { hibob } = stores.connectionIds
    const { run, job } = await hiredAndClaimed(stores)
    await stores.circuits.open(hibob, failure)
    await stores.runs.settle(run.lease, job, waiting({ nextAt: inAnHour() }))
    expect(await stores.queue.fetch(5)).toEqual([])
    expect(await stores.circuits.close(hibob)).toBe(1)
    expect(await stores.runs.claim(await onlyJob(stores), 'w')).toMatchObject({ attempt: 2 })
  })

  it('a run that waits for a circuit that is closed meanwhile goes on at once', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, waiting({ nextAt: inAnHour(), kind: 'circuit' }))
    expect(await stores.queue.fetch(5)).toHaveLength(1)
  })
}
