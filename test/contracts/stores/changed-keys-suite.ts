/** What the ledger tells of an application whose key has changed, such as an e-mail that somebody has corrected. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import type { EffectName, LedgerRow } from '../../../src/runs/ports.ts'
import type { Lease } from '../../../src/runs/run.ts'
import {
  claim,
  type Claimed,
  hire,
  hiredAndClaimed,
  laterMoment,
  onlyJob,
  type OpenStores,
  parked,
  type Stores,
} from './harness.ts'

export function changedKeysSuite(open: OpenStores): void {
  let stores: Stores
  beforeEach(async () => {
    stores = await open()
  })
  afterEach(() => stores.close())

  const named = (key: string) => {
    return {
      connection: stores.connectionIds.hibob,
      kind: 'employee',
      key,
      title: 'Employee',
      application: '1',
    }
  }
  const before = () => named('ada@example.com')
  const after = () => named('ada.example@example.com')
  async function held(lease: Lease, name: EffectName): Promise<LedgerRow> {
    const row = await stores.ledger.hold(lease, name)
    if ('heldBy' in row) throw new Error(`${row.heldBy} is on it`)
    return row
  }
  /** A run of another event about the same application. */
  async function hiredLater(): Promise<Claimed> {
    await hire(stores, '1', { asked: 'hibob', at: 1_614_690_000 })
    return claim(stores, await onlyJob(stores))
  }

  it('another run is told what was made under the key before, until the new one has a record of its own', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const { id } = await held(run.lease, before())
    await stores.ledger.done(run.lease, id, { id: '77', how: 'created' })
    await stores.runs.settle(run.lease, job, parked)
    const second = await hiredLater()
    const row = await held(second.run.lease, after())
    expect(row).toMatchObject({ state: 'intended', elsewhere: { record: { id: '77', how: 'created' } } })
    expect(row.elsewhere?.ago).toBeCloseTo(0, -2)
    await laterMoment()
    await stores.ledger.done(second.run.lease, row.id, { id: '88', how: 'found' })
    expect(await held(second.run.lease, after())).toMatchObject({ state: 'done', elsewhere: undefined })
    // The last one counts, for whatever key comes next.
    const third = await held(second.run.lease, named('a.example@example.com'))
    expect(third).toMatchObject({ elsewhere: { record: { id: '88', how: 'found' } } })
    const { elsewhere } = await held(second.run.lease, { ...after(), kind: 'document' })
    expect(elsewhere).toBeUndefined()
  })

  it('another run waits while the first one is on its row, and is on none itself', async () => {
    const first = await hiredAndClaimed(stores)
    const { id } = await held(first.run.lease, before())
    const second = await hiredLater()
    const told = { heldBy: first.run.lease.run }
    expect(await stores.ledger.hold(second.run.lease, after())).toEqual(told)
    // Its own key may change, too: it finds nobody in its way.
    expect(await held(first.run.lease, after())).toMatchObject({ state: 'intended' })
    await stores.ledger.done(first.run.lease, id, { id: '77', how: 'created' })
    expect(await stores.ledger.hold(second.run.lease, before())).toMatchObject({ remoteId: '77' })
  })

  it('of two runs that are both on a row, as when one is resumed, one waits for the other', async () => {
    const first = await hiredAndClaimed(stores)
    await held(first.run.lease, before())
    await stores.runs.settle(first.run.lease, first.job, parked)
    const second = await hiredLater()
    const { id } = await held(second.run.lease, after())
    await stores.runAdmin.queueAgain(first.run.lease.run, ['parked'])
    const resumed = await claim(stores, await onlyJob(stores))
    const told = { heldBy: second.run.lease.run }
    expect(await stores.ledger.hold(resumed.run.lease, before())).toEqual(told)
    expect(await held(second.run.lease, after())).toMatchObject({ id, state: 'intended' })
  })

  it('of runs that come at once only one is on a row', async () => {
    const first = await hiredAndClaimed(stores)
    const second = await hiredLater()
    const rows = await Promise.all([
      stores.ledger.hold(first.run.lease, before()),
      stores.ledger.hold(second.run.lease, after()),
    ])
    expect(rows).toMatchObject([{ state: 'intended' }, { heldBy: first.run.lease.run }])
  })

  it('a call without a clear answer is told of, and not one that made nothing', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const { id } = await held(run.lease, before())
    await stores.ledger.attempt(run.lease, id)
    // Also to the run itself, which finds that the key has changed.
    const unclear = { elsewhere: { record: undefined } }
    expect(await held(run.lease, after())).toMatchObject(unclear)
    await stores.runs.settle(run.lease, job, parked)
    const second = await hiredLater()
    expect(await held(second.run.lease, after())).toMatchObject(unclear)
    await held(second.run.lease, before())
    await stores.ledger.notMade(second.run.lease, id)
    expect(await held(second.run.lease, after())).toMatchObject({ elsewhere: undefined })
  })

  it('nothing is told of another application, and nobody waits for it', async () => {
    const first = await hiredAndClaimed(stores, '1')
    const second = await hiredAndClaimed(stores, '2')
    await held(first.run.lease, before())
    const row = await held(second.run.lease, { ...after(), application: '2' })
    expect(row).toMatchObject({ state: 'intended', elsewhere: undefined })
  })
}
