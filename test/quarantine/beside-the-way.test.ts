// Keeping a refused delivery never holds up an answer: a small queue, then small batches, then the limits of a tenant.
import { gzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { hireEvent, signPinpoint } from '../../sandbox/index.ts'
import { systemClock } from '../../src/base/clock.ts'
import { newTenantId } from '../../src/base/ids.ts'
import { createAllowance } from '../../src/intake/allowance.ts'
import { hireSubject } from '../../src/intake/hire-subject.ts'
import type { Kept, Suspect } from '../../src/quarantine/ports.ts'
import { createQuarantine, type QuarantineOutcome } from '../../src/quarantine/quarantine.ts'
import { until } from '../support/until.ts'

const acme = { id: newTenantId(), slug: 'acme' }
/** Reads as one that another secret has signed. */
const hire = (application: number, more = '') => ({
  ...refusal(acme, Buffer.from(hireEvent(application) + more)),
  signature: signPinpoint('the secret of last month', hireEvent(application)),
})
const refusal = (tenant: typeof acme | 'none' = acme, body = Buffer.from('{}')) => ({
  tenant: tenant === 'none' ? undefined : tenant,
  asked: '*',
  signature: 'x',
  body,
})

/** A store that answers when it is let. */
function gate({ fails = false, held = false } = {}) {
  const batches: (readonly Suspect[])[] = []
  const outcomes: QuarantineOutcome[] = []
  const told: string[] = []
  const open = Promise.withResolvers<undefined>()
  if (!held) open.resolve(undefined)
  const quarantine = createQuarantine({
    store: {
      async add(suspects) {
        batches.push(suspects)
        await open.promise
        if (fails) throw new Error('away')
        return suspects.map((): Kept => 'kept')
      },
    },
    clock: systemClock,
    onOutcome: (outcome) => outcomes.push(outcome),
    outage: { failed: () => told.push('failed'), worked: () => told.push('worked') },
    alarm: { refused: () => {}, verified: () => {} },
  })
  const count = (outcome: QuarantineOutcome) => outcomes.filter((one) => one === outcome).length
  return { quarantine, batches, count, told, release: () => open.resolve(undefined) }
}

describe('A refused delivery', () => {
  it('is kept at once where nothing waits, and what comes meanwhile is the next batch', async () => {
    const { quarantine, batches, count } = gate()
    quarantine.refused(refusal())
    quarantine.refused(refusal())
    quarantine.refused(refusal())
    await until('three are kept', () => count('kept') === 3)
    expect(batches.map(({ length }) => length)).toEqual([1, 2])
    await quarantine.close()
  })

  it('is dropped and counted beyond what a tenant may send at once, and other tenants are not', async () => {
    const { quarantine, count } = gate({ held: true })
    for (let i = 0; i < 150; i++) quarantine.refused(refusal())
    expect(count('rate_limited')).toBe(50)
    quarantine.refused(refusal({ id: newTenantId(), slug: 'globex' }))
    quarantine.refused(refusal('none'))
    expect(count('rate_limited')).toBe(50)
  })

  it('L4: that reads as a hire is kept whatever junk of its tenant and of others came before it', async () => {
    const { quarantine, count, batches, release } = gate({ held: true })
    for (let i = 0; i < 500; i++) {
      quarantine.refused(refusal())
      quarantine.refused(refusal({ id: newTenantId(), slug: `t${i}` }))
      quarantine.refused({ ...hire(i), signature: 'AAAA' })
    }
    for (let application = 1; application <= 100; application++) quarantine.refused(hire(application))
    release()
    await quarantine.close()
    const kept = batches.flat().flatMap(({ subject }) => subject ?? [])
    expect(kept).toEqual(Array.from({ length: 100 }, (_, index) => String(index + 1)))
    expect(count('kept')).toBe(1 + 100 + 100)
  })

  it('L4: about one application three times at most leaves the allowance to the others', async () => {
    const { quarantine, count, batches } = gate({ held: true })
    for (let i = 0; i < 200; i++) quarantine.refused(hire(7, ' '.repeat(i)))
    expect(count('rate_limited')).toBe(197)
    for (let application = 100; application < 197; application++) quarantine.refused(hire(application))
    expect(count('rate_limited')).toBe(197)
    quarantine.refused(hire(300))
    expect(count('rate_limited')).toBe(198)
    expect(batches).toHaveLength(1)
  })

  it.each([
    ['is larger than Pinpoint’s', Buffer.from(hireEvent(1) + ' '.repeat(4096))],
    ['is packed', gzipSync(hireEvent(1))],
    ['names no application', Buffer.from('{"event":"application_hired","data":{}}')],
    ['tells of something else', Buffer.from('{"event":"application_moved","data":{"application":{"id":1}}}')],
  ])('L4: whose body %s does not read as a hire', (_what, body) => {
    const signature = signPinpoint('the secret of last month', body)
    expect(hireSubject({ body, signature })).toBeUndefined()
    expect(hireSubject({ body: Buffer.from(hireEvent(1)), signature })).toBe('1')
  })

  it('is dropped and counted when the queue is full, however many tenants there are, while the database hangs', () => {
    const { quarantine, count, batches } = gate({ held: true })
    for (let i = 0; i < 1000; i++) quarantine.refused(refusal({ id: newTenantId(), slug: `t${i}` }))
    expect(batches).toHaveLength(1)
    expect(count('queue_full')).toBe(1000 - 1 - 100)
  })

  it('is dropped and counted when the bodies that wait are 4 MiB', () => {
    const { quarantine, count } = gate({ held: true })
    const body = Buffer.alloc(64 * 1024)
    for (let i = 0; i < 70; i++) quarantine.refused(refusal(acme, body))
    expect(count('queue_full')).toBe(70 - 1 - 32)
  })

  it('of more than 64 KiB is not kept', () => {
    const { quarantine, batches, count } = gate()
    quarantine.refused(refusal(acme, Buffer.alloc(64 * 1024 + 1)))
    expect({ batches, dropped: count('too_large') }).toEqual({ batches: [], dropped: 1 })
  })

  it('is counted as not written when the database fails, and is not tried again', async () => {
    const { quarantine, batches, count, told } = gate({ fails: true })
    quarantine.refused(refusal())
    await until('it has failed', () => count('not_written') === 1)
    await quarantine.close()
    expect({ batches: batches.length, told }).toEqual({ batches: 1, told: ['failed'] })
  })

  it('that waits when the service stops is still written', async () => {
    const { quarantine, count, release } = gate({ held: true })
    for (let i = 0; i < 60; i++) quarantine.refused(refusal())
    const closed = quarantine.close()
    release()
    await closed
    expect(count('kept')).toBe(60)
  })
})

describe('An allowance', () => {
  it('L4: forgets keys that have all of theirs again, and no others', () => {
    let now = 0
    const clock = { ...systemClock, now: () => new Date(now) }
    const allowance = createAllowance({ burst: 1, perSecond: 1, clock })
    for (let key = 0; key < 5_000; key++) {
      now += 1
      expect(allowance.take(String(key))).toBe(true)
      expect(allowance.has(String(key))).toBe(false)
    }
    expect(allowance.has('4500')).toBe(false)
    expect(allowance.has('100')).toBe(true)
  })

  it('refills by the second up to its burst, for each key', () => {
    let now = 0
    const clock = { ...systemClock, now: () => new Date(now) }
    const allowance = createAllowance({ burst: 2, perSecond: 1, clock })
    const take = (key: string, times: number) => Array.from({ length: times }, () => allowance.take(key))
    expect(take('a', 3)).toEqual([true, true, false])
    expect(take('b', 1)).toEqual([true])
    now = 1_500
    expect(take('a', 2)).toEqual([true, false])
    now = 60_000
    expect(take('a', 3)).toEqual([true, true, false])
  })
})
