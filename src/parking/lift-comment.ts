/** The comment that tells recruiters what a parked hire lacks: one per connection, application and reason. */
import type { NeedsPerson } from '../base/failure.ts'
import { type CommentPort, findComment } from '../effects/comment.ts'
import type { ClaimedRun } from '../runs/run.ts'
import type { Effect } from '../sdk/ensure.ts'

/** Reasons and fixes carry ids and names of fields only, so nothing personal gets into a comment that many may read. */
export function parkedComment(
  pinpoint: CommentPort,
  { subject, integration }: Pick<ClaimedRun, 'subject' | 'integration'>,
  { code, message, fix }: Pick<NeedsPerson, 'code' | 'message' | 'fix'>,
): Effect {
  const mark = `(${integration}: ${code})`
  return {
    title: 'Comment in Pinpoint about what is missing',
    kind: 'parked_comment',
    key: `${subject} ${code}`,
    readLagSeconds: 5,
    find: () => findComment(pinpoint.comments(subject), ({ text }) => text.includes(mark)),
    make: () => pinpoint.comment(subject, `${message} ${fix} ${mark}`),
  }
}
