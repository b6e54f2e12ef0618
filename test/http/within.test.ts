import { describe, expect, it } from 'vitest'

import { TooSlow, within } from '../../src/http/within.ts'

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

describe('Work within a bound', () => {
  it('gives its result or its failure, and leaves no timer behind', async () => {
    const before = timers()
    await expect(within(Promise.resolve(1), 60_000)).resolves.toBe(1)
    await expect(within(Promise.reject(new Error('away')), 60_000)).rejects.toThrow('away')
    expect(timers()).toBe(before)
  })

  it('that does not end is answered with TooSlow, which claims nothing', async () => {
    const failure: unknown = await within(new Promise(() => {}), 5).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TooSlow)
    expect(failure).toMatchObject({ code: 'http.too_slow', outcome: 'unclear' })
  })
})
