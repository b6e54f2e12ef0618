/**
 * Records that our own comments on the application, or its external reference, name: a memory outside the database, for when the
 * database has lost the row or knows the person by another e-mail. docs/decisions/0024-made-before.md
 */
import { type Clock, secondsAfter } from '../base/clock.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { Effect, Existing } from '../sdk/ensure.ts'
import { type Comment, type CommentPort, recordsTold } from './comment.ts'

/** Called when `find` found nothing and the effect is about to be made. Reads only. */
export type MadeBefore = (effect: Effect) => Promise<Existing | undefined>

export interface MadeBeforeDeps {
  readonly pinpoint: Pick<CommentPort, 'comments'>
  readonly clock: Clock
  /** All comments on the application, if they came with it. */
  readonly came?: readonly Comment[] | undefined
  /** The record that the application's external reference names for this connection. It came with the application. */
  readonly referredTo?: string | undefined
}

/** A younger hire is in the database or nowhere, so it costs no call. */
const oldSeconds = 10 * 60

export function createMadeBefore(
  { pinpoint, clock, came, referredTo }: MadeBeforeDeps,
  hire: Pick<HiredApplication, 'id' | 'hiredAt'>,
  triggeredAt: Date,
): MadeBefore {
  return async ({ findById }) => {
    if (findById === undefined) return undefined
    const referred = referredTo === undefined ? undefined : await findById(referredTo, 'on_record')
    if (referred !== undefined) return { id: referred.id, how: 'found' }
    if (!isOld(hire, triggeredAt, clock.now())) return undefined
    for (const { id, how } of await recordsTold(came ?? pinpoint.comments(hire.id))) {
      const record = await findById(id, 'on_record')
      if (record !== undefined) return { id: record.id, how }
    }
    return undefined
  }
}

/** Both times are checked: the event of a sweep or a repeated delivery is younger than its hire, and `hiredAt` can be missing. */
function isOld({ hiredAt }: Pick<HiredApplication, 'hiredAt'>, triggeredAt: Date, now: Date): boolean {
  const oldest = secondsAfter(now, -oldSeconds)
  return triggeredAt <= oldest || (hiredAt !== undefined && new Date(hiredAt) <= oldest)
}
