/** The comment on the application in Pinpoint: one per connection and application, itself an effect. */
import type { Effect, Existing, Planned } from '../sdk/ensure.ts'
import type { HandlerResult } from '../sdk/integration.ts'

export interface Comment {
  readonly id: string
  readonly text: string
}

export interface CommentPort {
  /** The oldest first. There may be thousands: nothing is to be kept but what is looked for. */
  comments(applicationId: string): AsyncIterable<Comment>
  comment(applicationId: string, text: string): Promise<{ readonly id: string }>
}

type HandledRecord = Exclude<NonNullable<HandlerResult['record']>, Planned>

export const commentTitle = 'Comment in Pinpoint'

/**
 * Pinpoint mails people about every comment, so a second one is not harmless. `came`: all that this attempt has read with the
 * application, where it knows that these are all.
 */
export function commentEffect(
  pinpoint: CommentPort,
  { id: applicationId, came }: { readonly id: string; readonly came?: readonly Comment[] | undefined },
  record: HandledRecord,
): Effect {
  const isOurs = ({ text: other }: Comment) => quotes(other, record.id)
  const text = `Record ${record.how === 'found' ? 'found' : 'created'} with ID: ${record.id}`
  return {
    title: commentTitle,
    kind: 'comment',
    key: applicationId,
    readLagSeconds: 5,
    find: () => findComment(pinpoint.comments(applicationId), isOurs),
    firstFind: came && { found: came.find(isOurs) },
    make: () => pinpoint.comment(applicationId, text),
  }
}

/** No further page is read once it has come. */
export async function findComment(
  comments: AsyncIterable<Comment>,
  isIt: (comment: Comment) => boolean,
): Promise<Pick<Comment, 'id'> | undefined> {
  for await (const comment of comments) if (isIt(comment)) return { id: comment.id }
  return undefined
}

/** The records that comments of exactly our words tell of, the newest first. Which destination they are in they do not say. */
export async function recordsTold(
  comments: AsyncIterable<Pick<Comment, 'text'>> | Iterable<Pick<Comment, 'text'>>,
): Promise<readonly Existing[]> {
  // Of two that tell of one record the older one says who made it, and the newer one where it stands.
  const told = new Map<string, Existing>()
  for await (const { text } of comments) {
    const [, verb, id] = /^Record (created|found) with ID: (\S{1,200})$/.exec(text.trim()) ?? []
    if (id === undefined) continue
    const record = told.get(id) ?? { id, how: verb === 'found' ? ('found' as const) : ('adopted' as const) }
    told.delete(id)
    told.set(id, record)
  }
  return [...told.values()].reverse()
}

/** Whatever the sentence around it: a comment that quotes this very id is ours, or says what ours would. */
function quotes(text: string, recordId: string): boolean {
  return new RegExp(`\\bID: ${RegExp.escape(recordId)}(?![\\w-])`).test(text)
}
