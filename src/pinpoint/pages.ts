/**
 * Pagination. Pinpoint documents no link to the next page, and a server may cap the page size, so a page that is not full need
 * not be the last. An answer that is too large for memory is requested again in smaller parts.
 */
import type { z } from 'zod'

import { AnswerTooLarge } from '../base/failure.ts'
import type { manyResources } from './wire.ts'

/** https://developers.pinpointhq.com/docs/jsonapi-quick-reference */
export function pageQuery(page: number, size: number) {
  return { 'page[number]': String(page), 'page[size]': String(size), 'stats[total]': 'count' }
}

/** `came`: number of entries so far, this page included. If Pinpoint gives no total, only an empty page is the last. */
export function isLast(
  { data, meta }: Pick<z.output<typeof manyResources>, 'data' | 'meta'>,
  came: number,
): boolean {
  const total = meta?.stats.total.count
  return data.length === 0 || (total !== undefined && came >= total)
}

/** Number of parts that a page is split into. */
const parts = 10

export interface PageChoice {
  readonly page: number
  readonly size: number
}

/** Reads one page, in parts if the whole is too large. Stops at an empty part. */
export async function pageInParts<T>(
  read: (choice: PageChoice) => Promise<T>,
  { page, size }: PageChoice,
  isEmpty: (part: T) => boolean,
): Promise<readonly T[]> {
  const { answer } = await askForLess(
    async () => [await read({ page, size })],
    async () => {
      const all: T[] = []
      for (let part = 1; part <= parts; part++) {
        const next = await read({ page: (page - 1) * parts + part, size: Math.ceil(size / parts) })
        all.push(next)
        if (isEmpty(next)) break
      }
      return all
    },
  )
  return answer
}

/** Falls back to `askLess` if the answer is too large; `less` tells which of the two was answered. */
export async function askForLess<T>(
  ask: () => Promise<T>,
  askLess: () => Promise<T>,
): Promise<{ readonly answer: T; readonly less: boolean }> {
  try {
    return { answer: await ask(), less: false }
  } catch (error) {
    if (!(error instanceof AnswerTooLarge)) throw error
    return { answer: await askLess(), less: true }
  }
}
