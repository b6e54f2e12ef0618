/** What is kept of who was hired: what the last attempt has read, and how a person is found again. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import { seenHire } from '../../../src/hires/hire.ts'
import { hireOf } from '../../integrations/a-hire.ts'
import { claim, done, hiredAndClaimed, onlyJob, type OpenStores, type Stores, waiting } from './harness.ts'

export function hiresSuite(open: OpenStores): void {
  let stores: Stores
  beforeEach(async () => {
    stores = await open()
  })
  afterEach(() => stores.close())

  const ada = { firstName: 'Ada', lastName: 'Example', email: 'Ada@example.com' }
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))
  const seen = (person: object, second = 0) => ({ hire: seenHire(hireOf(person), at(second)) })
  const read = async (application = '1', tenant = 'acme') =>
    (await stores.hires.read([{ tenant, application }]))[0]

  it('it is what the attempt has read that was settled', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    expect(await read()).toBeUndefined()
    await stores.runs.settle(run.lease, job, { ...waiting(), ...seen(ada) })
    expect(await read()).toMatchObject({ name: 'Ada Example', email: 'Ada@example.com' })
    expect(await read('1', 'globex')).toBeUndefined()
    expect(await read('2')).toBeUndefined()
  })

  it('a later read replaces it, and one that began earlier does not', async () => {
    const first = await hiredAndClaimed(stores)
    await stores.runs.settle(first.run.lease, first.job, { ...waiting(), ...seen(ada, 10) })
    const second = await claim(stores, await onlyJob(stores))
    const married = { ...ada, lastName: 'Sample' }
    await stores.runs.settle(second.run.lease, second.job, { ...waiting(), ...seen(married, 20) })
    expect(await read()).toMatchObject({ name: 'Ada Sample' })
    const third = await claim(stores, await onlyJob(stores))
    await stores.runs.settle(third.run.lease, third.job, { ...done, ...seen(ada, 15) })
    expect(await read()).toMatchObject({ name: 'Ada Sample' })
    expect(await stores.hires.find({ name: 'Example', limit: 5 })).toEqual([])
  })

  it('a worker whose run was taken over leaves nothing of it', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle({ ...run.lease, token: 'another' }, job, { ...done, ...seen(ada) })
    expect(await read()).toBeUndefined()
  })

  it('a person is found by their address and by any of their names, however they are spelt', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const person = { ...ada, firstName: 'Zoë', middleName: 'Marie', preferredName: 'Zo' }
    await stores.runs.settle(run.lease, job, { ...done, ...seen(person) })
    const found = [{ tenant: 'acme', application: '1' }]
    for (const email of ['Ada@example.com', ' ada@EXAMPLE.com'])
      expect(await stores.hires.find({ email, limit: 5 })).toEqual(found)
    for (const name of ['zoe', 'Zoë Example', 'EXAMPLE, Zo', 'marie'])
      expect(await stores.hires.find({ name, tenant: 'acme', limit: 5 })).toEqual(found)
    for (const name of ['Ada', 'Zoe Sample', 'Exam', '', '…'])
      expect(await stores.hires.find({ name, limit: 5 })).toEqual([])
    expect(await stores.hires.find({ email: 'ada@example.org', limit: 5 })).toEqual([])
    expect(await stores.hires.find({ name: 'Zoe', tenant: 'globex', limit: 5 })).toEqual([])
  })
}
