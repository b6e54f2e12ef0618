/**
 * Pages of a list. Pinpoint describes no link to the next one, and a server may give fewer than it was asked for, so a page that
 * is not full is not the last one for that.
 */
import type { z } from 'zod'

import type { manyResources } from './wire.ts'

/** https://developers.pinpointhq.com/docs/jsonapi-quick-reference */
export function pageQuery(page: number, size: number) {
  return { 'page[number]': String(page), 'page[size]': String(size), 'stats[total]': 'count' }
}

/** `came`: how many have come, with this page. Where Pinpoint does not count them, only an empty page is the last one. */
export function isLast(
  { data, meta }: Pick<z.output<typeof manyResources>, 'data' | 'meta'>,
  came: number,
): boolean {
  const total = meta?.stats.total.count
  return data.length === 0 || (total !== undefined && came >= total)
}
