// A service gives back what a busy minute needed, and stops nobody for it.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

import { type Heap, keepHeapSmall } from '../../src/observe/heap.ts'
import type { Log } from '../../src/observe/log.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

const megabyte = 1024 * 1024

interface Driven {
  busy: number
  bytes: number
  collected: number
}

function open({ collect }: { readonly collect?: () => Promise<void> } = {}) {
  const clock = createVirtualClock()
  const state: Driven = { busy: 0.5, bytes: 40 * megabyte, collected: 0 }
  const heap: Heap = {
    busy: () => state.busy,
    bytes: () => state.bytes,
    async collect() {
      await collect?.()
      state.collected += 1
      state.bytes = 30 * megabyte
    },
  }
  const lines: { readonly level: string; readonly fields: object; readonly message: string }[] = []
  const line = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message })
  }
  const log: Log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  const keeper = keepHeapSmall({ log, heap, clock })
  const pass = (seconds: number) => clock.runUntil(new Date(clock.now().getTime() + seconds * 1000))
  return { state, lines, keeper, pass }
}

describe('The heap', () => {
  it('is given back within five seconds of quiet, and not while there is work', async () => {
    const { state, lines, keeper, pass } = open()
    await pass(60)
    expect(state.collected).toBe(0)
    state.busy = 0.01
    await pass(5)
    expect(state.collected).toBe(1)
    expect(lines).toEqual([
      {
        level: 'debug',
        fields: { bytesBefore: 40 * megabyte, bytesAfter: 30 * megabyte, milliseconds: 0 },
        message: 'memory given back',
      },
    ])
    await keeper.stop()
  })

  it('is left alone until it has grown again by what is worth a stop', async () => {
    const { state, keeper, pass } = open()
    state.busy = 0
    await pass(5)
    state.bytes = 45 * megabyte
    await pass(600)
    expect(state.collected).toBe(1)
    state.bytes = 46 * megabyte
    await pass(5)
    expect(state.collected).toBe(2)
    state.bytes = 200 * megabyte
    await keeper.stop()
    await pass(600)
    expect(state.collected).toBe(2)
  })

  it('that cannot be given back is told once, and the service goes on', async () => {
    const { state, lines, keeper, pass } = open({
      collect: () => Promise.reject(new TypeError('no inspector')),
    })
    state.busy = 0
    await pass(600)
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'memory is no longer given back in quiet moments'],
    ])
    await keeper.stop()
  })

  it('of a process shrinks to a fraction of what it had in a busy moment', async () => {
    const program = join(import.meta.dirname, '../support/busy-then-quiet.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [program])
    const { busy, before, after } = JSON.parse(stdout) as Record<string, number>
    expect(busy).toBeGreaterThan(0.5)
    expect(before).toBeGreaterThan(60 * megabyte)
    expect(after).toBeLessThan((before ?? 0) / 3)
  })
})
