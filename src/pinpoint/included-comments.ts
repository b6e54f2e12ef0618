/**
 * The comments that an application includes, if the answer proves that it holds all of them. They can replace the search for our
 * own comment before it is created, so anything unusual means "unknown", never "none".
 */
import { z } from 'zod'

import type { Comment } from './comments.ts'
import { id } from './wire.ts'

/** A server may cut an included list without saying so, but not below its smallest page size. */
const mostTrusted = 20
/** Included comments stay in memory during the attempt. Our own have a few lines. */
const longestText = 2000

const reference = z.object({ id, type: z.literal('comments') })
/** Strict, because a count or a pagination link means that there are more comments. */
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
  // An application without comments has nothing to include.
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
