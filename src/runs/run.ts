/** A run: one connection handling one event. Its states, and what a worker holds of it. */
import type { ResumesOn, WaitKind } from '../base/failure.ts'
import type { ConnectionId, EventId, RunId, TenantId } from '../base/ids.ts'
import type { JsonObject } from '../base/json.ts'
import type { KnownLimit } from '../base/rate-limit.ts'
import type { SeenHire } from '../hires/hire.ts'
import type { SeenWatch } from './watch.ts'

/** A worker has it, or takes it when its time has come. */
export const activeStates = ['queued', 'running', 'waiting'] as const
export const unfinishedStates = [...activeStates, 'parked'] as const
export const finishedStates = ['done', 'refused', 'cancelled'] as const
export const runStates = [...unfinishedStates, ...finishedStates] as const
export type RunState = (typeof runStates)[number]

/** In which states a run begins. A stale event's is parked until a person resumes it. */
export const startStates = ['queued', 'parked'] as const

/** From each state into which others, or into the same one anew. */
export const transitions = {
  // Resumed before its delay is over; parked when the replay that had resumed it is cancelled.
  queued: ['running', 'queued', 'parked', 'cancelled'],
  // Running again under another worker, or queued for one, when its own has died.
  running: ['running', 'queued', 'waiting', 'parked', 'done', 'refused', 'cancelled'],
  // Waiting again, and due, when what it waits for has ended.
  waiting: ['running', 'queued', 'waiting', 'parked', 'cancelled'],
  parked: ['queued', 'cancelled'],
  // Its hire was revoked afterwards.
  done: ['parked'],
  refused: [],
  cancelled: [],
} as const satisfies Readonly<Record<RunState, readonly RunState[]>>

/** From which states a run gets into this one. */
export function statesBefore(state: RunState): readonly RunState[] {
  const into: Readonly<Record<RunState, readonly RunState[]>> = transitions
  return runStates.filter((before) => into[before].includes(state))
}

export function isActive(state: RunState): boolean {
  return activeStates.some((active) => active === state)
}

export function isFinished(state: RunState): boolean {
  return finishedStates.some((finished) => finished === state)
}

/** Which try of which job a worker holds; every write of the worker names it, so that a late worker writes nothing. */
export interface Lease {
  readonly run: RunId
  readonly token: string
  /** Of the connection when it was claimed; see `ClaimedRun`. */
  readonly revision?: string
}

/** What a worker needs to do a run, read in one go when it claims it. Secrets are in clear, in memory only. */
export interface ClaimedRun {
  readonly lease: Lease
  readonly attempt: number
  readonly failures: number
  readonly firstFailedAt: Date | undefined
  /** How many workers died while they were on it. */
  readonly takeovers: number
  /** The last of them had no other run at work. */
  readonly diedAlone: boolean
  /** Set on a follow-up: when the run ended that it follows up. */
  readonly followUpSince: Date | undefined
  readonly subject: string
  readonly integration: string
  readonly tenant: {
    readonly id: TenantId
    readonly slug: string
    readonly apiUrl: string
    readonly apiKey: string
    /** Where its days begin, for rules that count days. */
    readonly timeZone?: string | undefined
    /** Demo data counts as hired in whatever stage it is. */
    readonly demoHires: boolean
  }
  readonly connection: {
    readonly id: ConnectionId
    readonly enabled: boolean
    readonly settings: unknown
    readonly secrets: unknown
    /** Whether a comment on the application tells that and why a run of it is parked. */
    readonly commentWhenParked: boolean
    /** Another one whenever settings, secrets or the tenant's key may have changed. */
    readonly revision: string
    /** Set when the destination refused the credentials and nothing has changed since. */
    readonly paused: { readonly code: string; readonly reason: string; readonly fix: string } | undefined
  }
  readonly event: {
    readonly id: EventId
    readonly name: string
    readonly triggeredAt: Date
    /** By the database's clock. */
    readonly receivedAt: Date
  }
  /** Steps that earlier tries have done, by title. */
  readonly journal: ReadonlyMap<string, JournalEntry>
  /** Set when the try before this one ended in a wait. */
  readonly waitedFor: WaitKind | undefined
  /** What a person has decided of it, when it was parked. */
  readonly decision?: ClaimedDecision | undefined
  /** Of those answers that were none of the destination's API, since it last began to fail: how many, and from when on. */
  readonly unrecognised?: { readonly times: number; readonly since: Date } | undefined
  /** How often it has found the application not hired yet. */
  readonly notHiredYet: number
  /** When it was claimed, by the database's clock, and what was known then of the limits it counts against. */
  readonly claimedAt: Date
  readonly limits: readonly KnownLimit[]
  /** Set while the destination keeps failing. */
  readonly circuit: Circuit | undefined
}

/** An open circuit: which destination failed, at what, and how in the end. */
export interface Circuit {
  readonly destination: string
  /** True when calls that make something failed: reads that are answered well do not close it. */
  readonly ofEffects: boolean
  readonly code: string
  readonly reason: string
}

export interface JournalEntry {
  readonly outcome: string
  /** JSON text of what the step returned. */
  readonly output: string
}

/** What a person has decided of a parked run. `record`: this one is theirs. `make_again`: none is, whatever is on record; a new one is made. */
export type Decision = { readonly is: 'record'; readonly record: string } | { readonly is: 'make_again' }

/** As a worker is given it. */
export interface ClaimedDecision {
  readonly decision: Decision
  /** When the run had parked, in seconds of the database's clock: what stood in the ledger then is what it is about. */
  readonly before: number
}

export interface FollowUp {
  readonly reason: string
  readonly inSeconds: number
}

/** What became of a try, and the hire as it has read it. */
export type Settlement = Outcome & { readonly hire?: SeenHire | undefined }

export type Outcome =
  | {
      readonly state: 'done'
      readonly result: JsonObject
      /** One more run of the event looks for what this one went without. */
      readonly followUp?: FollowUp
    }
  | {
      readonly state: 'waiting'
      readonly code: string
      readonly reason: string
      readonly nextAt: Date
      /** Says what the try cost. Who waits for a `circuit` is woken when that closes. */
      readonly kind: WaitKind
      /** The run whose turn it is; this one is woken when that one ends. */
      readonly waitingFor?: RunId
    }
  | {
      readonly state: 'parked'
      readonly code: string
      readonly reason: string
      readonly fix: string
      readonly resumesOn: ResumesOn
      /** What is looked at while it is parked, as this try has seen it. */
      readonly watches?: readonly SeenWatch[]
      /** True: the destination refused the credentials; the whole connection pauses. */
      readonly pausesConnection: boolean
    }
  | { readonly state: 'refused'; readonly code: string; readonly reason: string }
