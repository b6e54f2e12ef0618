/**
 * What our own comments on the application say of a record that was made before: a memory of it outside of the database,
 * for when this has lost the row, or knows the person by another e-mail. docs/decisions/0024-made-before.md
 */
import { type Clock, secondsAfter } from '../base/clock.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { Effect, Existing } from '../sdk/ensure.ts'
import { type Comment, type CommentPort, recordsTold } from './comment.ts'

/** Asked when `find` saw nothing and the effect is about to be made. Only reads. */
export type MadeBefore = (effect: Effect) => Promise<Existing | undefined>

export interface MadeBeforeDeps {
  readonly pinpoint: Pick<CommentPort, 'comments'>
  readonly clock: Clock
  /** All comments on the application, where they came with it. */
  readonly came?: readonly Comment[] | undefined
}

/** A younger hire is in the database or nowhere: it is not asked about, and costs no call. */
const oldSeconds = 10 * 60

export function createMadeBefore(
  { pinpoint, clock, came }: MadeBeforeDeps,
  hire: Pick<HiredApplication, 'id' | 'hiredAt'>,
  triggeredAt: Date,
): MadeBefore {
  return async ({ findById }) => {
    if (findById === undefined || !isOld(hire, triggeredAt, clock.now())) return undefined
    for (const { id, how } of await recordsTold(came ?? pinpoint.comments(hire.id))) {
      const record = await findById(id, 'on_record')
      if (record !== undefined) return { id: record.id, how }
    }
    return undefined
  }
}

/** Either may be missing or late: an event that a sweep has made, or that was sent again, is younger than the hire. */
function isOld({ hiredAt }: Pick<HiredApplication, 'hiredAt'>, triggeredAt: Date, now: Date): boolean {
  const oldest = secondsAfter(now, -oldSeconds)
  return triggeredAt <= oldest || (hiredAt !== undefined && new Date(hiredAt) <= oldest)
}
