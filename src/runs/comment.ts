/** The comment on the application in Pinpoint: one per connection and application, itself an effect. */
import type { Effect, Existing, Planned } from '../sdk/ensure.ts'
import type { HandlerResult } from '../sdk/integration.ts'

export interface CommentPort {
  comments(applicationId: string): Promise<readonly { readonly id: string; readonly text: string }[]>
  comment(applicationId: string, text: string): Promise<{ readonly id: string }>
}

type HandledRecord = Exclude<NonNullable<HandlerResult['record']>, Planned>

export const commentTitle = 'Comment in Pinpoint'

/** Pinpoint mails people about every comment, so a second one is not harmless. */
export function commentEffect(pinpoint: CommentPort, applicationId: string, record: HandledRecord): Effect {
  const text = `Record ${record.how === 'found' ? 'found' : 'created'} with ID: ${record.id}`
  return {
    title: commentTitle,
    kind: 'comment',
    key: applicationId,
    readLagSeconds: 5,
    find: async () =>
      (await pinpoint.comments(applicationId)).find((comment) => quotes(comment.text, record.id)),
    make: () => pinpoint.comment(applicationId, text),
  }
}

/** The records that comments of exactly our words tell of, the newest first. Which destination they are in they do not say. */
export function recordsTold(comments: readonly { readonly text: string }[]): readonly Existing[] {
  const told = comments.toReversed().flatMap(({ text }): readonly Existing[] => {
    const [, verb, id] = /^Record (created|found) with ID: (\S+)$/.exec(text.trim()) ?? []
    return id === undefined ? [] : [{ id, how: verb === 'found' ? 'found' : 'adopted' }]
  })
  // Of two that tell of one record the older one says who made it.
  return [...new Map(told.map((record) => [record.id, record])).values()]
}

/** Whatever the sentence around it: a comment that quotes this very id is ours, or says what ours would. */
function quotes(text: string, recordId: string): boolean {
  return new RegExp(`\\bID: ${RegExp.escape(recordId)}(?![\\w-])`).test(text)
}
