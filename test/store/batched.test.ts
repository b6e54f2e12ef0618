import { describe, expect, it } from 'vitest'

import { batched } from '../../src/store/batched.ts'

describe('group commit', () => {
  it('writes the first at once, and together what arrives while it is being written', async () => {
    const batches: (readonly number[])[] = []
    const written: (() => void)[] = []
    const record = batched<number, number>(10, async (items) => {
      batches.push(items)
      await new Promise<void>((resolve) => written.push(resolve))
      return items.map((item) => item * 2)
    })
    const answers = [1, 2, 3].map((item) => record(item))
    expect(batches).toEqual([[1]])
    written.shift()?.()
    await answers[0]
    await Promise.resolve()
    written.shift()?.()
    expect(await Promise.all(answers)).toEqual([2, 4, 6])
    expect(batches).toEqual([[1], [2, 3]])
  })

  it('keeps to its size', async () => {
    const sizes: number[] = []
    const record = batched<number, number>(2, async (items) => {
      sizes.push(items.length)
      return items
    })
    await Promise.all([1, 2, 3, 4, 5].map((item) => record(item)))
    expect(Math.max(...sizes)).toBe(2)
  })

  it('fails all callers of a batch that fails, and goes on', async () => {
    let fail = true
    const record = batched<number, number>(10, async (items) => {
      if (fail) throw new Error('away')
      return items
    })
    await expect(record(1)).rejects.toThrow('away')
    fail = false
    await expect(record(2)).resolves.toBe(2)
  })
})
