/**
 * The comments that came along with an application, where the answer shows that it has every one of them. They may stand for the look
 * before our comment is made, so whatever is odd about them means "not known", never "none".
 */
import { z } from 'zod'

import type { Comment } from './comments.ts'
import { id } from './wire.ts'

/** A server that sends along only so many of a list need not say so, and does not do it below its smallest page. */
const mostTrusted = 20
/** They are kept while the run is attempted. Ours have a line. */
const longestText = 2000

const reference = z.object({ id, type: z.literal('comments') })
/** A count, or a link to more, says that there is more to be asked for. */
const relationship = z.strictObject({
  data: z.array(reference).max(mostTrusted - 1),
  meta: z.strictObject({ included: z.literal(true) }).optional(),
  links: z.strictObject({ self: z.unknown(), related: z.unknown() }).partial().optional(),
})
const application = z.object({ id, relationships: z.object({ comments: relationship }) })
const comment = z.object({
  id,
  attributes: z.object({
    body_text: z
      .string()
      .max(longestText)
      .nullable()
      .transform((text) => text ?? ''),
    commentable_id: id.optional(),
  }),
})
const answered = z.object({
  data: z.union([application, z.tuple([application]).transform(([only]) => only)]),
  // Of an application without comments nothing needs to come along.
  included: z.array(z.unknown()).default([]),
})
const ofComments = z.looseObject({ type: z.literal('comments') })

export function includedComments(json: unknown): readonly Comment[] | undefined {
  const { data, included } = answered.safeParse(json).data ?? {}
  if (data === undefined || included === undefined) return undefined
  const referred = new Set(data.relationships.comments.data.map((one) => one.id))
  const resources = included.filter((one) => ofComments.safeParse(one).success)
  const comments = z.array(comment).safeParse(resources).data ?? []
  const theirs = comments.filter(
    ({ id: own, attributes }) => referred.has(own) && (attributes.commentable_id ?? data.id) === data.id,
  )
  const isWhole =
    theirs.length === resources.length && new Set(theirs.map((one) => one.id)).size === referred.size
  return isWhole ? theirs.map((one) => ({ id: one.id, text: one.attributes.body_text })) : undefined
}
