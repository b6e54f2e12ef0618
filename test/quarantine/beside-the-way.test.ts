// Keeping a refused delivery never holds up an answer: a small queue, then small batches, then the limits of a tenant.
import { describe, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { newTenantId } from '../../src/base/ids.ts'
import { createAllowance } from '../../src/intake/allowance.ts'
import { createQuarantine, type QuarantineOutcome } from '../../src/intake/quarantine.ts'
import type { Kept, Suspect } from '../../src/intake/quarantine-ports.ts'
import { until } from '../support/until.ts'

const acme = { id: newTenantId(), slug: 'acme' }
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

  it('is dropped and counted when the queue is full, however many tenants there are, while the database hangs', () => {
    const { quarantine, count, batches } = gate({ held: true })
    for (let i = 0; i < 1000; i++) quarantine.refused(refusal({ id: newTenantId(), slug: `t${i}` }))
    expect(batches).toHaveLength(1)
    expect(count('queue_full')).toBe(1000 - 1 - 200)
  })

  it('is dropped and counted when the bodies that wait are 4 MiB', () => {
    const { quarantine, count } = gate({ held: true })
    const body = Buffer.alloc(64 * 1024)
    for (let i = 0; i < 70; i++) quarantine.refused(refusal(acme, body))
    expect(count('queue_full')).toBe(70 - 1 - 64)
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
