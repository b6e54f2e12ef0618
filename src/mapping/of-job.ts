/** What a mapping makes of an open job, before anybody is hired on it. Pure. */
import type { HiredApplication, Job } from '../pinpoint/hired-application.ts'
import { evaluate, type Evaluated, type EvaluationContext } from './evaluate.ts'
import { type Expression, ownDefault } from './expression.ts'
import { expressionsOf, type Mapping, type Rule } from './mapping.ts'
import { sourceNamed } from './sources.ts'

/** Only targets whose value the job decides; the others are `unknown`. */
export interface OfJob {
  readonly of: (job: Job) => Evaluated
  /** Targets that need what only a hire has. */
  readonly unknown: ReadonlySet<string>
}

export function openOfJob(mapping: Mapping, context: EvaluationContext = {}): OfJob {
  const { defaults } = context
  const unknown = new Set(
    [...(defaults ?? []), ...mapping]
      .filter(([target]) => !isKnown(mapping.get(target) ?? defaults?.get(target), defaults?.get(target)))
      .map(([target]) => target),
  )
  return {
    unknown,
    of: (job) => {
      const { values, gaps } = evaluate(mapping, { application: hireOn(job) }, context)
      const isOfJob = ({ target }: { readonly target: string }) => !unknown.has(target)
      return { values: values.filter(isOfJob), gaps: gaps.filter(isOfJob) }
    },
  }
}

/** The accepted offer may name another title, but usually it is that of the job. */
function isKnown(rule: Rule | undefined, own: Rule | undefined): boolean {
  if (rule === undefined) return true
  return expressionsOf(rule).every(
    (one) => isOfJob(one) || (one.source === ownDefault && own !== rule && isKnown(own, own)),
  )
}

/** A list of jobs has no more of them than this. */
function isOfJob({ source }: Expression): boolean {
  if (source === 'offer.jobTitle') return true
  return source.startsWith('job.') && sourceNamed(source)?.needs === undefined
}

/** Nobody yet. */
export function hireOn(job: Job): HiredApplication {
  return {
    id: '',
    firstName: undefined,
    lastName: undefined,
    email: undefined,
    phone: undefined,
    startOn: undefined,
    hiredAt: undefined,
    rejectedAt: undefined,
    updatedAt: undefined,
    concealed: false,
    internalCandidate: false,
    isDemo: false,
    jobId: job.id,
    stageType: undefined,
    attachments: [],
    offers: [],
    customAttributes: {},
    job,
  }
}
