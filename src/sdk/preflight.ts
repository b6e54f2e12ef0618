/** What an integration can report about future hires, job by job, with reads only. */
import type { Job } from '../pinpoint/hired-application.ts'
import type { CheckReport } from './check.ts'

/** A problem that a hire on a job would meet. */
export interface PreflightFinding {
  /** `park`: every hire on this job would park. `leave_out`: it would go through, without `what`. */
  readonly would: 'park' | 'leave_out'
  /** The subject, such as "Site" or "Department". */
  readonly what: string
  /** One sentence: what is wrong. */
  readonly because: string
  /** What to do, as an instruction. */
  readonly fix: string
}

export interface Preflight {
  /** Findings that apply to every hire. */
  readonly general: CheckReport
  /** Pure: everything it needs from the destination has been read before. Use the mapping that the handler uses. */
  readonly findings: (job: Job) => readonly PreflightFinding[]
}
