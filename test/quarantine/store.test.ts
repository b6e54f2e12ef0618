// What PostgreSQL keeps of refused deliveries: sealed, once, within the limits however many processes there are.
import { randomBytes } from 'node:crypto'

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import type { TenantId } from '../../src/base/ids.ts'
import { createSealer } from '../../src/base/seal.ts'
import { openPool } from '../../src/postgres/database.ts'
import type { QuarantineLimits, Suspect } from '../../src/quarantine/ports.ts'
import { createQuarantineAdmin } from '../../src/quarantine/store/admin.ts'
import { createQuarantineWriter } from '../../src/quarantine/store/quarantine.ts'
import { openSpine, type Spine } from '../support/spine.ts'

let spine: Spine
beforeAll(async () => {
  spine = await openSpine()
})
afterAll(() => spine.close())
afterEach(() => spine.pool.query('truncate quarantine, scheduled_jobs'))

const sealer = createSealer([{ id: 'test', bytes: randomBytes(32) }])
const hashKey = randomBytes(32)
const admin = () => createQuarantineAdmin({ pool: spine.pool, sealer, hashKey })
const writer = (limits: Partial<QuarantineLimits> = {}, pool = spine.pool) =>
  createQuarantineWriter({ pool, sealer, hashKey }, { maxDeliveries: 100, maxBytes: 1_000_000, ...limits })
let made = 0
const suspect = (given: Partial<Suspect> = {}): Suspect => ({
  tenant: spine.tenant.id,
  asked: '*',
  signature: randomBytes(32),
  subject: String(made++),
  body: Buffer.from('{"event":"application_hired","marker":"quince"}'),
  receivedAt: new Date(),
  ...given,
})
const many = (count: number, given: Partial<Suspect> = {}) =>
  Array.from({ length: count }, () => suspect(given))
const tally = (outcomes: readonly string[]) =>
  Object.fromEntries([...new Set(outcomes)].map((one) => [one, outcomes.filter((two) => two === one).length]))

describe('quarantine', () => {
  it('keeps the body sealed, and nothing of it can be read in any column', async () => {
    const one = suspect()
    expect(await writer().add([one])).toEqual(['kept'])
    const { rows } = await spine.pool.query<{ text: string; hex: string }>(
      `select quarantine::text as text, encode(sealed_body, 'hex') as hex from quarantine`,
    )
    expect(rows).toHaveLength(1)
    for (const part of ['quince', Buffer.from('quince').toString('hex')]) {
      expect(`${rows[0]?.text ?? ''} ${rows[0]?.hex ?? ''}`).not.toContain(part)
    }
    const [opened] = await admin().page('', { limit: 10 })
    expect(opened).toMatchObject({
      tenant: spine.tenant.id,
      asked: '*',
      body: one.body,
    })
    expect(opened?.isSignedWith(one.signature!)).toBe(true)
    expect(opened?.isSignedWith(randomBytes(32))).toBe(false)
  })

  it('keeps no signature that a guessed secret could be checked against (L11)', async () => {
    const one = suspect()
    await writer().add([one])
    const { rows } = await spine.pool.query<{ signature: Buffer }>('select signature from quarantine')
    expect(rows).toHaveLength(1)
    expect(rows[0]?.signature.equals(one.signature!)).toBe(false)
  })

  it('keeps what comes again once, and counts it, in one batch and in several', async () => {
    const one = suspect()
    const later = new Date(one.receivedAt.getTime() + 60_000)
    expect(await writer().add([one, one])).toEqual(['kept', 'kept'])
    expect(await writer().add([{ ...one, receivedAt: later }])).toEqual(['again'])
    expect(await admin().list({ limit: 10 })).toMatchObject([
      {
        tenant: 'acme',
        deliveries: 3,
        receivedAt: one.receivedAt.toISOString(),
        lastDeliveryAt: later.toISOString(),
      },
    ])
  })

  it('tells apart what is addressed to another integration, or to no tenant', async () => {
    const one = suspect()
    const outcomes = await writer().add([one, { ...one, asked: 'hibob' }, { ...one, tenant: undefined }])
    expect(outcomes).toEqual(['kept', 'kept', 'kept'])
    expect(await writer().add([{ ...one, tenant: undefined }])).toEqual(['again'])
  })

  it('takes so many of a tenant and no more, and what is older stays', async () => {
    const first = many(80)
    expect(tally(await writer().add(first))).toEqual({ kept: 80 })
    expect(tally(await writer().add(many(50)))).toEqual({ kept: 20, no_room: 30 })
    expect(await writer().add([first[0]!])).toEqual(['again'])
    const there = await admin().page('', { limit: 1000 })
    expect(first.every(({ signature }) => there.some(({ isSignedWith }) => isSignedWith(signature!)))).toBe(
      true,
    )
  })

  it('takes so many bytes of a tenant and no more', async () => {
    const body = Buffer.alloc(400_000)
    expect(await writer().add(many(3, { body }))).toEqual(['kept', 'kept', 'no_room'])
  })

  it('gives a tenth of the room to what has no signature, and to what has no tenant', async () => {
    const unsigned = { signature: undefined, subject: undefined }
    expect(tally(await writer().add(many(40, unsigned)))).toEqual({ kept: 10, no_room: 30 })
    expect(tally(await writer().add(many(40, { tenant: undefined })))).toEqual({ kept: 10, no_room: 30 })
    expect(tally(await writer().add(many(40, { ...unsigned, tenant: undefined })))).toEqual({
      kept: 1,
      no_room: 39,
    })
    expect(tally(await writer().add(many(100)))).toEqual({ kept: 100 })
  })

  it('L4: gives a tenth of the room to what does not read as a hire, and each application three places, however full that is', async () => {
    expect(tally(await writer().add(many(150, { subject: undefined })))).toEqual({ kept: 10, no_room: 140 })
    expect(tally(await writer().add(many(2, { subject: '7' })))).toEqual({ kept: 2 })
    expect(tally(await writer().add(many(150, { subject: '7' })))).toEqual({ kept: 1, no_room: 149 })
    expect(tally(await writer().add(many(50)))).toEqual({ kept: 50 })
    const { rows } = await spine.pool.query<{ bytes: number }>(
      'select distinct length(subject) as bytes from quarantine where subject is not null',
    )
    expect(rows).toEqual([{ bytes: 32 }])
    expect(await writer().add([suspect({ subject: '7', tenant: undefined })])).toEqual(['kept'])
  })

  it('holds the limits when eight processes write at once', async () => {
    const pools = Array.from({ length: 8 }, () => openPool(spine.url, 1))
    const outcomes = await Promise.all(pools.map((pool) => writer({}, pool).add(many(30))))
    await Promise.all(pools.map((pool) => pool.end()))
    expect(tally(outcomes.flat())).toEqual({ kept: 100, no_room: 140 })
  })

  it('skips what belongs to a tenant that was removed meanwhile, and keeps the rest', async () => {
    const gone = 'ten_gone' as TenantId
    await writer().add([suspect({ tenant: gone }), suspect()])
    expect(await admin().list({ limit: 10 })).toHaveLength(1)
  })

  it('is pruned by age by one process, and not again within the hour', async () => {
    const old = new Date(Date.now() - 31 * 24 * 3_600_000)
    await writer().add([suspect({ receivedAt: old }), suspect()])
    const answers = await Promise.all(Array.from({ length: 10 }, () => admin().prune(30)))
    expect(answers.filter((answer) => answer !== undefined)).toEqual([1])
    expect(await admin().list({ limit: 10 })).toHaveLength(1)
    await writer().add([suspect({ receivedAt: old })])
    expect(await admin().prune(30)).toBeUndefined()
    await spine.pool.query(`update scheduled_jobs set done_at = now() - interval '61 minutes'`)
    expect(await admin().prune(30)).toBe(1)
  })

  it('says of what another key sealed that it cannot be read, and gives the others', async () => {
    await writer().add([suspect()])
    const other = createSealer([{ id: 'other', bytes: randomBytes(32) }])
    await createQuarantineWriter(
      { pool: spine.pool, sealer: other, hashKey },
      { maxDeliveries: 100, maxBytes: 1e6 },
    ).add([suspect()])
    const page = await admin().page('', { limit: 10 })
    expect(page.map(({ body }) => body !== undefined)).toEqual([true, false])
  })

  it('purges one, those of a tenant, or all', async () => {
    await writer().add([suspect(), suspect(), suspect({ tenant: undefined })])
    const [one] = await admin().list({ tenant: 'acme', limit: 1 })
    expect(await admin().purge({ id: one?.id ?? '' })).toBe(1)
    expect(await admin().purge({ tenant: 'nobody' })).toBe(0)
    expect(await admin().purge({ tenant: 'acme' })).toBe(1)
    expect(await admin().purge({})).toBe(1)
  })
})
