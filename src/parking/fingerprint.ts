/** A keyed fingerprint of what was read: it shows that something has changed, and not what it was. */
import { createHmac } from 'node:crypto'

import type { Json } from '../base/json.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'

export type Fingerprint = (seen: Json) => Buffer

export function createFingerprint(key: Buffer): Fingerprint {
  return (seen) =>
    createHmac('sha256', key)
      .update(`look ${JSON.stringify(sorted(seen))}`)
      .digest()
}

/**
 * Everything that a handler can know of an application, so that no reason for a park is missed. Left out is what differs from
 * read to read: the links of files, and `updatedAt`, which changes with comments and tags that no handler reads.
 */
export function recordSeen(hire: HiredApplication | undefined): Json {
  if (hire === undefined) return null
  const { attachments, updatedAt: _updatedAt, ...rest } = hire
  const files = attachments.map(({ context, filename }) => ({ context, filename }))
  return { ...(JSON.parse(JSON.stringify(rest)) as { readonly [key: string]: Json }), files }
}

/** Sorts members and entries: included resources come in no particular order. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) {
    const entries: readonly Json[] = value
    return entries.map(sorted).toSorted((a, b) => compare(JSON.stringify(a), JSON.stringify(b)))
  }
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value).toSorted(([a], [b]) => compare(a, b))
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
