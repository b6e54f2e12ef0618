/**
 * Random bytes, each given once. Drawn in bulk, as Node does for `randomUUID`: a call for a few bytes costs nearly as much as
 * one for a page, and a webhook needs them three times.
 */
import { randomBytes } from 'node:crypto'

const drawnAtOnce = 4096

let drawn = Buffer.alloc(0)
let given = 0

/** Never written again, so whoever gets them may keep them. */
export function freshBytes(count: number): Buffer {
  if (given + count > drawn.length) {
    drawn = randomBytes(Math.max(drawnAtOnce, count))
    given = 0
  }
  given += count
  return drawn.subarray(given - count, given)
}
