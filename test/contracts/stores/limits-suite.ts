/** What the limit store promises: every process learns of a limit with its next run, and the later instant counts. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import { hiredAndClaimed, inAnHour, type OpenStores, type Stores } from './harness.ts'

export function limitsSuite(open: OpenStores): void {
  let stores: Stores
  beforeEach(async () => {
    stores = await open()
  })
  afterEach(() => stores.close())

  it('a claimed run knows what rests of its connection, until the later of two instants, and nothing that is over', async () => {
    const { hibob, webhook } = stores.connectionIds
    const later = inAnHour()
    const sooner = new Date(later.getTime() - 1_800_000)
    await stores.limits.pause(hibob, 'hibob.search', later)
    await stores.limits.pause(hibob, 'hibob.search', sooner)
    await stores.limits.pause(hibob, 'hibob.create', new Date(Date.now() - 1000))
    await stores.limits.pause(webhook, 'webhook.send', later)
    const { run } = await hiredAndClaimed(stores)
    expect([...run.limits]).toEqual([['hibob.search', later]])
  })
}
