/** What workers need of the queue of jobs. */
import type { RunId } from '../base/ids.ts'

/** One message of the queue: "this run's turn n may start". */
export interface Job {
  readonly id: string
  readonly run: RunId
  readonly turn: number
  readonly connection: string
  /** Goes up when the job is handed out again because a worker died. */
  readonly delivery: number
  /** Of an event that runs again: it can wait when there is something fresh to do. */
  readonly replay: boolean
}

export interface Choice {
  /** None of these connections. Default: all. */
  readonly except?: readonly string[]
  /** Default: both, fresh ones before replays. */
  readonly only?: 'fresh' | 'replays' | undefined
}

export interface JobQueue {
  /** At most `count` jobs that are due; each is ours until it is finished or its heartbeat stops. */
  fetch(count: number, choice?: Choice): Promise<readonly Job[]>
  /** Tells that these are still being worked on. */
  touch(jobs: readonly Job[]): Promise<void>
  /** Ends a job that starts nothing: its run was cancelled, or moved on to a later turn. */
  drop(job: Job): Promise<void>
  /** Hands jobs back at once, for another worker. */
  handBack(jobs: readonly Job[]): Promise<void>
}
