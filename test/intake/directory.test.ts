// The tenants in memory: how fresh they are, and how few reads that costs.
import { describe, expect, it } from 'vitest'

import { NeedsPerson } from '../../src/base/failure.ts'
import { newTenantId } from '../../src/base/ids.ts'
import { createTenantDirectory } from '../../src/intake/directory.ts'
import type { DecryptedTenant } from '../../src/tenants/tenant.ts'

const tenant = (slug: string): DecryptedTenant => ({
  id: newTenantId(),
  slug,
  apiUrl: `https://${slug}.pinpointhq.com/api/v1`,
  apiKey: 'key',
  signingSecrets: ['signing'],
  sweep: 'off',
  keepFinishedFor: 'forever',
  demoHires: false,
  createdAt: new Date(0),
  updatedAt: new Date(0),
})
type Entry = { readonly slug: string; readonly opened: DecryptedTenant | NeedsPerson }
const entry = (slug: string): Entry => ({ slug, opened: tenant(slug) })

/** A directory over a list that tests change, with a clock that tests turn. Reads can be held until released. */
function setUp(...entries: readonly Entry[]) {
  let time = 1_000_000
  const state = { entries, reads: 0, held: undefined as Promise<void> | undefined, failing: false }
  const directory = createTenantDirectory({
    clock: { now: () => new Date(time), sleep: () => Promise.resolve() },
    store: {
      async openAll() {
        state.reads++
        const { entries: seen, failing } = state
        await state.held
        if (failing) throw new Error('database away')
        return seen
      },
    },
  })
  return { directory, state, pass: (milliseconds: number) => (time += milliseconds) }
}

describe('The tenant directory', () => {
  it('reads once for many requests', async () => {
    const { directory, state } = setUp(entry('acme'))
    await Promise.all(Array.from({ length: 100 }, () => directory.bySlug('acme')))
    expect((await directory.all()).map(({ slug }) => slug)).toEqual(['acme'])
    expect(state.reads).toBe(1)
  })

  it('is never older than five seconds', async () => {
    const { directory, state, pass } = setUp(entry('acme'))
    await directory.bySlug('acme')
    state.entries = []
    pass(4999)
    expect(await directory.bySlug('acme')).toBeDefined()
    pass(1)
    expect(await directory.bySlug('acme')).toBeUndefined()
  })

  it('sees a change at once when it is announced', async () => {
    const { directory, state } = setUp(entry('acme'))
    await directory.all()
    state.entries = [entry('acme'), entry('other')]
    directory.invalidate()
    expect(await directory.all()).toHaveLength(2)
  })

  it('does not keep what a read saw that began before the announcement', async () => {
    const { directory, state } = setUp(entry('acme'))
    let release = () => {}
    state.held = new Promise<void>((resolve) => (release = resolve))
    const before = directory.all()
    state.entries = []
    directory.invalidate()
    const after = directory.all()
    release()
    expect(await before).toHaveLength(1)
    expect(await after).toHaveLength(0)
    expect(await directory.all()).toHaveLength(0)
  })

  it('finds a tenant that was made a moment ago, although nothing was announced', async () => {
    const { directory, state, pass } = setUp()
    await directory.all()
    state.entries = [entry('new')]
    pass(250)
    expect((await directory.bySlug('new'))?.slug).toBe('new')
  })

  it('reads at most four times a second for unknown slugs, however many ask', async () => {
    const { directory, state, pass } = setUp()
    for (let i = 0; i < 100; i++) {
      await Promise.all([directory.bySlug('a'), directory.bySlug('b'), directory.bySlug('c')])
      pass(10)
    }
    expect(state.reads).toBe(4)
  })

  it('tells the failure of a tenant whose secrets do not open, and goes on with the others', async () => {
    const broken = new NeedsPerson('seal.key_unknown', 'lost', { fix: 'find' })
    const { directory } = setUp(entry('acme'), { slug: 'broken', opened: broken })
    await expect(directory.bySlug('broken')).rejects.toBe(broken)
    expect((await directory.all()).map(({ slug }) => slug)).toEqual(['acme'])
    expect((await directory.bySlug('acme'))?.slug).toBe('acme')
  })

  it('rejects while the database is away, and recovers with it', async () => {
    const { directory, state } = setUp(entry('acme'))
    state.failing = true
    await expect(directory.bySlug('acme')).rejects.toThrow('database away')
    state.failing = false
    expect((await directory.bySlug('acme'))?.slug).toBe('acme')
  })
})
