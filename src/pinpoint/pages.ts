/**
 * Pages of a list. Pinpoint describes no link to the next one, and a server may give fewer than it was asked for, so a page that
 * is not full is not the last one for that. What is larger than we keep in memory is asked for once more, for less.
 */
import type { z } from 'zod'

import { AnswerTooLarge } from '../base/failure.ts'
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

/** A page of a list in so many smaller ones. */
const parts = 10

export interface PageChoice {
  readonly page: number
  readonly size: number
}

/** One page of a list, in parts where the whole is too large. The parts end with one that brings nothing. */
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

/** `less`: the second question was answered. */
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
