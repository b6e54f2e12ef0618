// Without a tenant in the address every tenant's secret is tried: that must not hold up whoever else is at the door.
import { createHmac, randomBytes } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { type Failure, Refused } from '../../src/base/failure.ts'
import { newTenantId } from '../../src/base/ids.ts'
import type { RefusedDelivery } from '../../src/intake/ports.ts'
import { createReceive } from '../../src/intake/receive.ts'

const tenants = Array.from({ length: 60 }, (_, index) => ({
  id: newTenantId(),
  slug: `t${index}`,
  signingSecrets: [`secret-${index}`],
  keepFinishedFor: 'forever' as const,
}))
const signature = (secret: string, body: Buffer) => createHmac('sha256', secret).update(body).digest('base64')

function door(locked: ReadonlyMap<string, Failure> = new Map(), all = tenants) {
  const refused: RefusedDelivery[] = []
  const verified: string[] = []
  const receive = createReceive({
    tenants: {
      bySlug: async (slug) => tenants.find((one) => one.slug === slug),
      all: async () => all,
      locked: async () => locked,
    },
    events: {
      record: async ({ tenant }) => ({ event: `evt_${tenant.slug}` as never, duplicate: false, runs: 0 }),
    },
    handlers: new Map([['hibob', ['application_hired']]]),
    clock: systemClock,
    quarantine: { refused: (one) => refused.push(one), verified: ({ id }) => verified.push(id) },
  })
  const post = (
    body: Buffer,
    given: { readonly tenant?: string; readonly integration?: string; readonly signature?: string },
  ) => receive({ tenant: undefined, integration: undefined, signature: undefined, ...given, body })
  return { post, refused, verified }
}

/** How often others got their turn while the work went on. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  const counting = { turns: 0, over: false }
  const ended = work.finally(() => (counting.over = true))
  while (!counting.over) {
    await new Promise((resolve) => setImmediate(resolve))
    counting.turns += 1
  }
  await ended
  return counting.turns
}

describe('A delivery whose address names no tenant', () => {
  it('belongs to whoever signed it, be it the last of many', async () => {
    const { post, verified } = door()
    const body = Buffer.from('{}')
    expect(await post(body, { signature: signature('secret-59', body) })).toMatchObject({
      outcome: 'stored',
      tenant: 't59',
    })
    expect(verified).toEqual([tenants[59]?.id])
  })

  it('gives others their turn while a large body is tried under the secrets of all', async () => {
    const body = randomBytes(1024 * 1024)
    const turns = await turnsDuring(door().post(body, { signature: signature('nobody', body) }))
    expect(turns).toBeGreaterThanOrEqual(tenants.length)
  })

  it('gives them their turn while a small one is tried under very many secrets as well (M5)', async () => {
    const many = Array.from({ length: 4000 }, (_, index) => ({
      ...tenants[index % tenants.length]!,
      slug: `m${index}`,
    }))
    const turns = await turnsDuring(
      door(new Map(), many).post(Buffer.alloc(0), { signature: signature('nobody', Buffer.alloc(0)) }),
    )
    expect(turns).toBeGreaterThanOrEqual(10)
  })

  it('is to be sent again while the secrets of a tenant do not open, unless another one’s verifies it (L1)', async () => {
    const { post, refused } = door(new Map([['gone', new Refused('seal.broken', 'It does not open.')]]))
    const body = Buffer.from('{}')
    await expect(post(body, { signature: signature('somebody', body) })).rejects.toMatchObject({
      code: 'seal.broken',
    })
    expect(await post(body, { signature: signature('secret-7', body) })).toMatchObject({ tenant: 't7' })
    expect(await post(body, { tenant: 't7' })).toEqual({ outcome: 'signature_wrong' })
    expect(refused).toHaveLength(1)
  })

  it('is tried under no secret when it has no signature that could fit', async () => {
    const { post, refused } = door()
    const turns = await turnsDuring(post(randomBytes(1024 * 1024), { signature: 'sha256=abc' }))
    expect(turns).toBeLessThan(5)
    expect(refused).toMatchObject([{ tenant: undefined, asked: '*', signature: 'sha256=abc' }])
  })
})

describe('A delivery that is refused', () => {
  it('is offered to quarantine with its tenant and what it asked for', async () => {
    const { post, refused } = door()
    const body = Buffer.from('{}')
    const given = { tenant: 't3', integration: 'hibob', signature: signature('secret-4', body) }
    expect(await post(body, given)).toEqual({ outcome: 'signature_wrong' })
    expect(refused).toMatchObject([{ tenant: { slug: 't3' }, asked: 'hibob', body }])
  })

  it.each([
    ['of an unknown tenant', { tenant: 'nobody' }, 'unknown_tenant'],
    ['that asks for an unknown integration', { tenant: 't3', integration: 'nothing' }, 'signature_wrong'],
  ])('%s is only counted', async (_what, given, outcome) => {
    const { post, refused } = door()
    expect(await post(Buffer.from('{}'), given)).toEqual({ outcome })
    expect(refused).toEqual([])
  })
})
