/** Answers of HiBob by their schemas: one of another shape is a failure, never "empty". */
import type { z } from 'zod'

import { type HttpAnswer, RetryLater } from '../../sdk/index.ts'

export function read<Schema extends z.ZodType>(
  { json }: HttpAnswer,
  schema: Schema,
  outcome?: 'unclear',
): z.output<Schema> {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].slice(0, 5)
  throw new RetryLater('hibob.answer_unreadable', 'HiBob’s answer is not what its API describes.', {
    details: { fields },
    outcome: outcome ?? 'not_made',
  })
}

/** HiBob has made it; when the answer does not say what, we must look. */
export function readMade<Schema extends z.ZodType>(answer: HttpAnswer, schema: Schema): z.output<Schema> {
  return read(answer, schema, 'unclear')
}
