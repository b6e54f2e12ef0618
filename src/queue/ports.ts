/** What workers need of the job queue. */
import type { RunId } from '../base/ids.ts'

/** One message of the queue: "this run's turn n may start". */
export interface Job {
  readonly id: string
  readonly run: RunId
  readonly turn: number
  readonly connection: string
  /** Increases when the job is delivered again because a worker died. */
  readonly delivery: number
  /** The job of a replay, which waits while there are fresh jobs. */
  readonly replay: boolean
}

export interface Choice {
  /** Connections to skip. Default: none. */
  readonly except?: readonly string[]
  /** Default: both, fresh jobs before replays. */
  readonly only?: 'fresh' | 'replays' | undefined
}

export interface JobQueue {
  /** At most `count` due jobs; each belongs to this worker until it is finished or its heartbeat stops. */
  fetch(count: number, choice?: Choice): Promise<readonly Job[]>
  /** The heartbeat of these jobs. */
  touch(jobs: readonly Job[]): Promise<void>
  /** Ends a job that starts nothing: its run was cancelled, or moved on to a later turn. */
  drop(job: Job): Promise<void>
  /** Hands jobs back at once, for another worker. */
  handBack(jobs: readonly Job[]): Promise<void>
}
