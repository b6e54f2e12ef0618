/** What is larger than we keep in memory is asked for once more, for less. */
import { AnswerTooLarge } from '../base/failure.ts'

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
