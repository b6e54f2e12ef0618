/** What goes wrong between the processes, drawn by the seed until it calms down: calls, statements, notifications, processes. */
import type { FaultRule } from '../../sandbox/index.ts'
import type { Random } from './random.ts'

export interface Weather {
  /** How often a call goes wrong, a statement finds the database away, a notification is lost. */
  readonly network: number
  readonly database: number
  readonly notifications: number
  /** How many processes are killed, paused or restarted, and how often one is before a step. */
  readonly accidents: { readonly most: number; readonly often: number }
  /** Milliseconds after the start from which nothing goes wrong any more. */
  readonly calmAfter: number
  /** A destination that answers nothing but 503 for a while. */
  readonly outage: Outage | undefined
}

export interface Outage {
  readonly system: System
  readonly from: number
  readonly until: number
  /** True: it reads well, and fails at whatever it is to make. */
  readonly onlyMakes?: boolean
}

export type System = FaultRule['system']

/** How a call goes. */
export type Fate =
  | { readonly kind: 'answered' }
  /** Nobody listened: not sent. */
  | { readonly kind: 'refused' }
  /** The connection breaks before, or after the destination has acted. */
  | { readonly kind: 'lost before' | 'lost after' }
  /** No answer ever comes; the caller hangs up by itself. `lands`: the destination acts nevertheless. */
  | { readonly kind: 'silent'; readonly lands: boolean }
  /** The destination acts as late as it can, whether the caller is still there or not. */
  | { readonly kind: 'late' }
  /** It answers something else than what it should. */
  | { readonly kind: 'told'; readonly effect: FaultRule['effect'] }

export function drawFate(random: Random, often: number, { system, makes }: Aim): Fate {
  if (!random.happens(often)) return { kind: 'answered' }
  const kinds = makes ? hardOnEffects : evenly
  const kind = random.pick(kinds)
  if (kind === 'silent') return { kind, lands: random.happens(0.5) }
  return kind === 'told' ? { kind, effect: drawAnswer(random, system) } : { kind }
}

export interface Aim {
  readonly system: System
  /** True for a call that makes something. */
  readonly makes: boolean
}

const evenly = ['refused', 'lost before', 'lost after', 'silent', 'late', 'told', 'told'] as const
/** The answers that leave open whether something was made are those that matter. */
const hardOnEffects = [...evenly, 'lost after', 'late', 'late', 'silent'] as const

function drawAnswer(random: Random, system: System): FaultRule['effect'] {
  const status = random.pick([500, 502, 503, 504])
  // A web page in a CV's place is an answer: the run rightly goes on without the CV. So it is for whoever takes any body.
  const odd =
    system === 'files' || system === 'receiver' ? [] : ([{ malformed: true }, { html: true }] as const)
  return random.pick<FaultRule['effect']>([
    { status, at: 'before' },
    { status, at: 'after' },
    { rateLimit: { limit: 50, resetInSeconds: random.between(1, 90) } },
    ...odd,
  ])
}
