/** A replay of many events: its runs start at a chosen rate, after fresh hires, and are cancelled together. */
import { Refused } from '../base/failure.ts'
import type { ReplayId } from '../base/ids.ts'
import type { RunState } from '../runs/run.ts'
import type { ChosenState, EventChoice } from './chosen-events.ts'

export interface ReplayView {
  readonly id: string
  readonly tenant: string
  readonly since: string
  readonly states: readonly ChosenState[]
  readonly integration: string | null
  /** Runs started per hour. */
  readonly perHour: number
  readonly total: number
  /** The number of its runs by their present state. */
  readonly runs: Readonly<Partial<Record<RunState, number>>>
  readonly createdAt: string
  /** The start of its last run, which may be in the past. */
  readonly lastStartAt: string
  readonly cancelledAt: string | null
}

export interface ReplayReader {
  show(id: string): Promise<ReplayView | undefined>
}

export interface ReplayAdmin extends ReplayReader {
  /**
   * A new run for each chosen pair of event and connection whose newest run has ended; a parked one is resumed, since
   * a second run beside it would meet the same obstacle. Undefined: nothing was chosen.
   */
  start(choice: EventChoice, perHour: number): Promise<ReplayId | undefined>
  /**
   * Ends what has not ended: new runs are cancelled, resumed ones are parked again. Undefined: there is no such replay.
   */
  cancel(id: string): Promise<{ readonly cancelled: number; readonly parkedAgain: number } | undefined>
}

/** The reason of a run that is parked again, unless it still has its own. */
export const replayCancelled = {
  state: 'parked',
  code: 'runs.replay_cancelled',
  reason: 'The replay that had resumed it was cancelled.',
  fix: 'Resume the run.',
} as const

export async function startReplay(
  replayAdmin: ReplayAdmin,
  choice: EventChoice,
  perHour: number,
): Promise<ReplayView | undefined> {
  const id = await replayAdmin.start(choice, perHour)
  return id === undefined ? undefined : mustShowReplay(replayAdmin, id)
}

export async function cancelReplay(replayAdmin: ReplayAdmin, id: string) {
  const ended = await replayAdmin.cancel(id)
  if (ended === undefined) throw unknownReplay(id)
  return { ...ended, replay: await mustShowReplay(replayAdmin, id) }
}

export async function mustShowReplay(replays: ReplayReader, id: string): Promise<ReplayView> {
  const view = await replays.show(id)
  if (view === undefined) throw unknownReplay(id)
  return view
}

function unknownReplay(id: string): Refused {
  return new Refused('runs.unknown_replay', `There is no replay ${id}.`)
}
