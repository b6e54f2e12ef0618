/** Parses an answer. An unreadable one is an error that is retried, never taken for an empty one. */
import { z } from 'zod'

import { RetryLater } from '../base/failure.ts'
import type { HttpAnswer } from '../base/http.ts'

export function readAnswer<T>({ json }: Pick<HttpAnswer, 'json'>, parse: (json: unknown) => T): T {
  try {
    return parse(json)
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    const fields = [...new Set(error.issues.map(({ path }) => path.join('.')))].slice(0, 5)
    throw new RetryLater('pinpoint.answer_unreadable', 'Pinpoint’s answer is not what its API describes.', {
      details: { fields },
    })
  }
}
