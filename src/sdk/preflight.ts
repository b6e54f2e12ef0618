/** What an integration can say about hires that nobody has made yet: job by job, by reading only. */
import type { Job } from '../pinpoint/hired-application.ts'
import type { CheckReport } from './check.ts'

/** What stands in the way of a hire on a job. */
export interface PreflightFinding {
  /** `park`: no hire on this job would go through. `leave_out`: it would, without this. */
  readonly would: 'park' | 'leave_out'
  /** What it is about: "Site", "Department". */
  readonly what: string
  /** One sentence: what is wrong. */
  readonly because: string
  /** What to do, as an instruction. */
  readonly fix: string
}

export interface Preflight {
  /** What holds for every hire. */
  readonly general: CheckReport
  /** Pure: all that it needs of the destination has been read. Use what the handler uses. */
  readonly findings: (job: Job) => readonly PreflightFinding[]
}
