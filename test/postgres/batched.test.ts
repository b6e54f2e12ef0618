import { AsyncLocalStorage } from 'node:async_hooks'

import pg from 'pg'
import { describe, expect, it } from 'vitest'

import { secondsAfter } from '../../src/base/clock.ts'
import { batched, batchMembers } from '../../src/postgres/batched.ts'
import { until } from '../support/until.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

describe('group commit', () => {
  it('writes together what comes in one turn of the event loop, and what arrives while that is being written', async () => {
    const { write, batches, finish } = slowWrites()
    const record = batched({ size: 10 }, write)
    const answers = [record(1), record(2)]
    await until('the first batch', () => batches.length === 1)
    answers.push(record(3), record(4))
    finish()
    await until('the second batch', () => batches.length === 2)
    finish()
    expect(await Promise.all(answers)).toEqual([2, 4, 6, 8])
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  it('keeps to its size', async () => {
    const sizes: number[] = []
    const record = batched<number, number>({ size: 2 }, async (items) => {
      sizes.push(items.length)
      return items
    })
    expect(await Promise.all([1, 2, 3, 4, 5].map((item) => record(item)))).toEqual([1, 2, 3, 4, 5])
    expect(sizes).toEqual([2, 2, 1])
  })

  it('puts items of one key into different batches, in their order', async () => {
    const batches: (readonly string[])[] = []
    const record = batched<string, string>({ size: 10, keyOf: (item) => item.charAt(0) }, async (items) => {
      batches.push(items)
      return items
    })
    await Promise.all(['a1', 'b1', 'a2', 'a3'].map((item) => record(item)))
    expect(batches).toEqual([['a1', 'b1'], ['a2'], ['a3']])
  })

  it('fails all callers of a batch that fails, and goes on', async () => {
    let fail = true
    const record = batched<number, number>({ size: 10 }, async (items) => {
      if (fail) throw new Error('away')
      return items
    })
    const failed = await Promise.allSettled([record(1), record(2)])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fail = false
    await expect(record(2)).resolves.toBe(2)
  })

  it('fails only the one whose item the server does not take', async () => {
    const record = batched<number, number>({ size: 10 }, async (items) => {
      if (items.includes(13)) throw new pg.DatabaseError('invalid byte sequence', 0, 'error')
      return items
    })
    const answers = await Promise.allSettled([record(1), record(13), record(2)])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('belongs to all of its members, and to nobody who was here earlier', async () => {
    const who = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[][] = []
    const record = batched<string, string>({ size: 2 }, async (items) => {
      seen.push([who.getStore(), ...batchMembers().map((inContext) => inContext(() => who.getStore()))])
      return items
    })
    await Promise.all(['ann', 'ben', 'cleo'].map((name) => who.run(name, () => record(name))))
    expect(seen).toEqual([
      ['ann', 'ann', 'ben'],
      ['cleo', 'cleo'],
    ])
    expect(batchMembers()).toEqual([])
  })
})

describe('gathering', () => {
  it('never lets one alone wait', async () => {
    const { record, batches } = gathering()
    for (const item of [1, 2, 3]) expect(await record(item)).toBe(item)
    expect(batches).toEqual([[1], [2], [3]])
  })

  it('answers those who shared a batch at once, and keeps the next one for company', async () => {
    const { record, batches, letPass } = gathering()
    expect(await Promise.all([record(1), record(2)])).toEqual([1, 2])
    const third = record(3)
    await letPass(almost)
    const fourth = record(4)
    expect(batches).toEqual([[1, 2]])
    await letPass(gather - almost)
    expect(await Promise.all([third, fourth])).toEqual([3, 4])
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  it('waits once for company that does not come, and then no more', async () => {
    const { record, batches, letPass } = gathering()
    await Promise.all([record(1), record(2)])
    const third = record(3)
    await letPass(gather)
    expect(await third).toBe(3)
    expect(await record(4)).toBe(4)
    expect(batches).toEqual([[1, 2], [3], [4]])
  })

  it('waits for nobody who comes after the moment has passed', async () => {
    const { record, letPass } = gathering()
    await Promise.all([record(1), record(2)])
    await letPass(gather)
    expect(await record(3)).toBe(3)
  })

  it('loses nobody who came while a shared batch failed, or after it', async () => {
    const { record, batches, letPass, failing } = gathering()
    failing.with = new Error('away')
    let during: Promise<number> | undefined
    failing.meanwhile = () => {
      during ??= record(3)
    }
    const failed = await Promise.allSettled([record(1), record(2)])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    failing.with = undefined
    const after = record(4)
    await letPass(gather)
    expect(await Promise.all([during, after])).toEqual([3, 4])
    expect(batches.at(-1)).toEqual([3, 4])
  })

  it('loses nobody when the server refuses a shared batch, whose items are then written one by one', async () => {
    const { record, batches, letPass, failing } = gathering()
    failing.with = new pg.DatabaseError('invalid byte sequence', 0, 'error')
    failing.only = 2
    let during: Promise<number> | undefined
    failing.meanwhile = () => {
      during ??= record(3)
    }
    const answers = await Promise.allSettled([record(1), record(2)])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    await letPass(gather)
    expect(await during).toBe(3)
    expect(batches).toEqual([[1, 2], [1], [2], [3]])
  })
})

const gather = 1000
const almost = gather - 1

/** Answers what it was given, unless it is told to fail. Its time stands still unless `letPass` moves it. */
function gathering() {
  const clock = createVirtualClock()
  const batches: (readonly number[])[] = []
  const failing: { with?: Error | undefined; only?: number; meanwhile?: () => void } = {}
  const record = batched<number, number>({ size: 10, gatherMilliseconds: gather, clock }, async (items) => {
    batches.push(items)
    failing.meanwhile?.()
    if (failing.with !== undefined && (failing.only === undefined || items.includes(failing.only)))
      throw failing.with
    return items
  })
  return {
    record,
    batches,
    failing,
    letPass: (milliseconds: number) => clock.runUntil(secondsAfter(clock.now(), milliseconds / 1000)),
  }
}

/** Each batch is written when `finish` says so. */
function slowWrites() {
  const batches: (readonly number[])[] = []
  const written: (() => void)[] = []
  return {
    batches,
    finish: () => written.shift()?.(),
    write: async (items: readonly number[]) => {
      batches.push(items)
      await new Promise<void>((resolve) => written.push(resolve))
      return items.map((item) => item * 2)
    },
  }
}
