/** The comment on the application in Pinpoint: one per connection and application, itself an effect. */
import type { Effect, Existing, Planned } from '../sdk/ensure.ts'
import type { HandlerResult } from '../sdk/integration.ts'
import { recordSentence } from './comment-text.ts'

export interface Comment {
  readonly id: string
  readonly text: string
}

export interface CommentPort {
  /** Oldest first. There may be thousands, so callers keep only what they search for. */
  comments(applicationId: string): AsyncIterable<Comment>
  comment(applicationId: string, text: string): Promise<{ readonly id: string }>
}

type HandledRecord = Exclude<NonNullable<HandlerResult['record']>, Planned>

export const commentTitle = 'Comment in Pinpoint'

/**
 * Pinpoint e-mails people about every comment, so a second one does harm. `came`: the comments that this attempt read with the
 * application, set only if these are known to be all.
 */
export function commentEffect(
  pinpoint: CommentPort,
  { id: applicationId, came }: { readonly id: string; readonly came?: readonly Comment[] | undefined },
  record: HandledRecord & { readonly text?: string },
): Effect {
  const { text = recordSentence(record) } = record
  const isOurs = ({ text: other }: Comment) => quotes(other, record.id)
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

/** Reads no further pages once it is found. */
export async function findComment(
  comments: AsyncIterable<Comment>,
  isIt: (comment: Comment) => boolean,
): Promise<Pick<Comment, 'id'> | undefined> {
  for await (const comment of comments) if (isIt(comment)) return { id: comment.id }
  return undefined
}

/** The records named in comments whose first line is exactly our sentence, newest first. The comments do not say in which destination. */
export async function recordsTold(
  comments: AsyncIterable<Pick<Comment, 'text'>> | Iterable<Pick<Comment, 'text'>>,
): Promise<readonly Existing[]> {
  // Of two comments about one record, the older says who made it, and the newer gives its position.
  const told = new Map<string, Existing>()
  for await (const { text } of comments) {
    const [, verb, id] = /^Record (created|found) with ID: (\S{1,200})\s*$/.exec(firstLine(text)) ?? []
    if (id === undefined) continue
    const record = told.get(id) ?? { id, how: verb === 'found' ? ('found' as const) : ('adopted' as const) }
    told.delete(id)
    told.set(id, record)
  }
  return [...told.values()].reverse()
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? ''
}

/** A comment that quotes this id is ours, or says the same, whatever the sentence around it. */
function quotes(text: string, recordId: string): boolean {
  return new RegExp(`\\bID: ${RegExp.escape(recordId)}(?![\\w-])`).test(text)
}
