// Who was hired: sealed and hashed at rest, sealed again with a new key, and gone with the events about them.
import { randomBytes } from 'node:crypto'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { createSealer } from '../../src/base/seal.ts'
import { seenHire } from '../../src/hires/hire.ts'
import { createHireReader } from '../../src/hires/store/hires.ts'
import { createFinishedWork } from '../../src/privacy/store/finished-work.ts'
import { createSealedData } from '../../src/privacy/store/sealed-data.ts'
import { createTenantStore } from '../../src/tenants/store/tenants.ts'
import { hireOf } from '../integrations/a-hire.ts'
import { openSpine, type Spine } from '../support/spine.ts'

const oldKey = { id: 'old', bytes: randomBytes(32) }
const newKey = { id: 'new', bytes: randomBytes(32) }
let spine: Spine
beforeEach(async () => {
  spine = await openSpine({ sealer: createSealer([oldKey]) })
})
afterEach(() => spine.close())

const reader = (sealer = spine.sealer) => createHireReader({ ...spine, sealer })
const read = async (application: string, sealer = spine.sealer) =>
  (await reader(sealer).read([{ tenant: 'acme', application }]))[0]
const query = async (sql: string, values: readonly unknown[] = []) =>
  (await spine.pool.query<Record<string, unknown>>(sql, [...values])).rows

/** An event of this application, of another moment each time, whose run has read it and is done. */
async function hired(application: string, { at = 1_700_000_000, readAt = new Date(0) } = {}) {
  const { event } = await spine.hire(application, { asked: 'hibob', at })
  const [job] = await spine.queue.fetch(1)
  const run = await spine.runs.claim(job!, 'w')
  const hire = seenHire(hireOf({ id: application, job: undefined }), readAt)
  await spine.runs.settle(run!.lease, job!, { state: 'done', result: { did: 'created' }, hire })
  return event
}

const letTimePass = async (event: string) => {
  const ago = `now() - interval '401 days'`
  await query(`update events set received_at = ${ago} where id = $1`, [event])
  await query(`update runs set finished_at = ${ago} where event_id = $1`, [event])
  // Another event about the application lets its runs be looked at again.
  await query('delete from rechecks')
}

it('nothing of them can be read or guessed in the database, and no row opens as that of somebody else', async () => {
  await hired('1')
  await hired('2')
  const dump = JSON.stringify(await query(`select hires::text, encode(sealed_details, 'escape') from hires`))
  for (const personal of ['Ada', 'Example', 'ada@', 'Engineer']) expect(dump).not.toContain(personal)
  expect(await query('select distinct octet_length(email_hash) as bytes from hires')).toEqual([{ bytes: 32 }])

  await query(`update hires set sealed_details = (select sealed_details from hires where application = '2')`)
  expect(await read('1')).toBe('unreadable')
  expect(await read('2')).toMatchObject({ name: 'Ada Example' })
})

it('what a later attempt reads unchanged is not written again', async () => {
  await hired('1')
  const version = () => query('select xmin::text, sealed_details from hires')
  const before = await version()
  await hired('1', { at: 1_700_000_001, readAt: new Date(1000) })
  expect(await version()).toEqual(before)
})

it('they are sealed again with a new key, and found as before', async () => {
  await hired('1')
  const both = createSealer([newKey, oldKey])
  await createSealedData({ pool: spine.pool, sealer: both }).sealAgain(new AbortController().signal)
  const fresh = createSealer([newKey])
  expect(await read('1', fresh)).toMatchObject({ name: 'Ada Example' })
  expect(await read('1')).toBe('unreadable')
  expect(await reader(fresh).find({ name: 'Example', limit: 1 })).toHaveLength(1)
})

it('they are kept as long as an event about them, and no longer', async () => {
  const [first, second] = [await hired('1'), await hired('1', { at: 1_700_000_001 })]
  await hired('2')
  const prune = () => createFinishedWork(spine.pool).pruneBatch(spine.tenant.id, undefined)
  await letTimePass(first)
  expect(await prune()).toMatchObject({ events: 1 })
  expect(await read('1')).toBeDefined()
  await letTimePass(second)
  expect(await prune()).toMatchObject({ events: 1 })
  expect(await read('1')).toBeUndefined()
  expect(await read('2')).toBeDefined()
})

it('both events of one hire that are pruned at once take it along', async () => {
  for (const at of [1_700_000_000, 1_700_000_001]) await letTimePass(await hired('1', { at }))
  await createFinishedWork(spine.pool).pruneBatch(spine.tenant.id, undefined)
  expect(await query('select application from hires')).toEqual([])
})

it('they go with their tenant', async () => {
  await hired('1')
  const { pool, sealer } = spine
  await createTenantStore({ pool, sealer }).remove('acme')
  expect(await query('select application from hires')).toEqual([])
})
