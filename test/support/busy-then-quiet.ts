/** Fills the heap with what lives a little while, waits until it is quiet, and gives it back: how much there was, as JSON. */
import { setTimeout as pause } from 'node:timers/promises'

import { ownHeap } from '../../src/observe/heap.ts'
import { until } from './until.ts'

const heap = ownHeap()
let before = 0
let kept: object[] = []
for (let round = 0; round < 20; round++) {
  kept = Array.from({ length: 200_000 }, (_, number) => ({ number, round }))
  before = Math.max(before, heap.bytes())
  await pause(0)
}
const busy = heap.busy()
kept.length = 0
await until('a quiet moment', () => heap.busy() < 0.1)
await heap.collect()
process.stdout.write(JSON.stringify({ busy, before, after: heap.bytes() }))
