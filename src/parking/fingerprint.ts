/** A keyed fingerprint of what was read: it tells that something is different, and nothing of what it is. */
import { createHmac } from 'node:crypto'

import type { Json } from '../base/json.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'

export type Fingerprint = (seen: Json) => Buffer

export function createFingerprint(key: Buffer): Fingerprint {
  return (seen) =>
    createHmac('sha256', key)
      .update(`look ${JSON.stringify(inOneOrder(seen))}`)
      .digest()
}

/**
 * All that a handler can know of an application, so that nothing it may have parked for is missing. Not what differs from
 * read to read: links of files, and `updatedAt`, which moves with comments and tags that no handler reads.
 */
export function recordSeen(hire: HiredApplication | undefined): Json {
  if (hire === undefined) return null
  const { attachments, updatedAt: _moves, ...rest } = hire
  const files = attachments.map(({ context, filename }) => ({ context, filename }))
  // Undefined members are left out, as JSON does.
  return { ...(JSON.parse(JSON.stringify(rest)) as { readonly [key: string]: Json }), files }
}

/** Members and entries in one order, whatever order an answer had: resources that come along have none. */
function inOneOrder(value: Json): Json {
  if (Array.isArray(value)) {
    const entries: readonly Json[] = value
    return entries.map(inOneOrder).toSorted((a, b) => compare(JSON.stringify(a), JSON.stringify(b)))
  }
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value).toSorted(([a], [b]) => compare(a, b))
  return Object.fromEntries(members.map(([name, member]) => [name, inOneOrder(member)]))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
