/** A run: one connection handling one event. Its states, and what a worker knows of it. */
import type { ResumesOn, WaitKind } from '../base/failure.ts'
import type { ConnectionId, EventId, RunId, TenantId } from '../base/ids.ts'
import type { JsonObject } from '../base/json.ts'
import type { KnownLimit } from '../base/rate-limit.ts'
import type { SeenHire } from '../hires/hire.ts'
import type { Extra } from '../pinpoint/read-hire.ts'
import type { StoredMapping } from '../tenants/connection.ts'
import type { WriteBack } from '../tenants/connection-options.ts'
import type { SeenWatch } from './watch.ts'

/** A worker has the run, or takes it when it is due. */
export const activeStates = ['queued', 'running', 'waiting'] as const
export const unfinishedStates = [...activeStates, 'parked'] as const
export const finishedStates = ['done', 'refused', 'cancelled'] as const
export const runStates = [...unfinishedStates, ...finishedStates] as const
export type RunState = (typeof runStates)[number]

/** The states in which a run starts. The run of a stale event is parked until a person resumes it. */
export const startStates = ['queued', 'parked'] as const

/** From each state, the states that may follow, which may include the same one. */
export const transitions = {
  // Resumed before its delay is over; parked when the replay that had resumed it is cancelled.
  queued: ['running', 'queued', 'parked', 'cancelled'],
  // Running again under another worker, or queued for one, when its own worker has died.
  running: ['running', 'queued', 'waiting', 'parked', 'done', 'refused', 'cancelled'],
  // Waiting again, and due, when what it waits for has ended.
  waiting: ['running', 'queued', 'waiting', 'parked', 'cancelled'],
  parked: ['queued', 'cancelled'],
  // Its hire was revoked afterwards.
  done: ['parked'],
  refused: [],
  cancelled: [],
} as const satisfies Readonly<Record<RunState, readonly RunState[]>>

/** The states from which a run may enter this one. */
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

/** The claim of one worker on one attempt. Every write of the worker names it, so that a late worker writes nothing. */
export interface Lease {
  readonly run: RunId
  readonly token: string
  /** The connection's revision at the claim; see `ClaimedRun`. */
  readonly revision?: string
  /** The version of the connection's mapping at the claim. Undefined: it has none. */
  readonly mappingVersion?: number | undefined
}

/** What a worker needs for an attempt, read in one query when it claims the run. Secrets are decrypted, in memory only. */
export interface ClaimedRun {
  readonly lease: Lease
  /** Goes up whenever the run moves on. */
  readonly turn: number
  readonly attempt: number
  /**
   * It is a retry or a replay, or was resumed: something may have changed since others have read the hire, its job and the lists of the
   * destination. A wait for a permit is no retry.
   */
  readonly readsAfresh: boolean
  readonly failures: number
  readonly firstFailedAt: Date | undefined
  /** How many workers died while they held this run. */
  readonly takeovers: number
  /** The last of these workers had no other run. */
  readonly diedAlone: boolean
  /** Set on a follow-up: when the run that it follows up ended. */
  readonly followUpSince: Date | undefined
  readonly subject: string
  readonly integration: string
  readonly tenant: {
    readonly id: TenantId
    readonly slug: string
    readonly apiUrl: string
    readonly apiKey: string
    /** The zone in which the tenant's days begin, for rules that count days. */
    readonly timeZone?: string | undefined
    /** Demo data counts as hired in every stage. */
    readonly demoHires: boolean
    /** What its Pinpoint refuses to send along with an application. */
    readonly refusedExtras?: readonly Extra[]
  }
  readonly connection: {
    readonly id: ConnectionId
    readonly enabled: boolean
    readonly settings: unknown
    readonly mapping?: StoredMapping | undefined
    readonly secrets: unknown
    /** The template of its comments. Undefined: it has none. */
    readonly comment?: string | undefined
    /** Where in Pinpoint the id of the record is written. Undefined: nowhere. */
    readonly writeBack?: WriteBack | undefined
    /** Whether a comment on the application says that a run is parked, and why. */
    readonly commentWhenParked: boolean
    /** Changes whenever settings, secrets or the tenant's key may have changed. */
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
  /** Steps that earlier attempts have completed, by title. */
  readonly journal: ReadonlyMap<string, JournalEntry>
  /** Set when the previous attempt ended in a wait. */
  readonly waitedFor: WaitKind | undefined
  /** What a person decided when the run was parked. */
  readonly decision?: ClaimedDecision | undefined
  /** Answers that did not come from the destination's API, since the run last began to fail: how many, and since when. */
  readonly unrecognised?: { readonly times: number; readonly since: Date } | undefined
  /** How often an attempt has found the application not hired yet. */
  readonly notHiredYet: number
  /** When the run was claimed, by the database's clock, and the state of its limits at that time. */
  readonly claimedAt: Date
  readonly limits: readonly KnownLimit[]
  /** Set while the destination keeps failing. */
  readonly circuit: Circuit | undefined
}

/** An open circuit: which destination failed, at what, and how most recently. */
export interface Circuit {
  readonly destination: string
  /** True when calls that make something failed: successful reads do not close the circuit. */
  readonly ofEffects: boolean
  readonly code: string
  readonly reason: string
}

export interface JournalEntry {
  readonly outcome: string
  /** JSON text of what the step returned. */
  readonly output: string
}

/** What a person decided about a parked run. `record`: this record is the hire's. `make_again`: none of the existing ones is; a new one is made. */
export type Decision = { readonly is: 'record'; readonly record: string } | { readonly is: 'make_again' }

/** A decision as a worker receives it. */
export interface ClaimedDecision {
  readonly decision: Decision
  /** When the run parked, in seconds of the database's clock: the decision is about the ledger as it was then. */
  readonly before: number
}

export interface FollowUp {
  readonly reason: string
  readonly inSeconds: number
}

/** Calls to the outside by destination. */
export type CallCounts = Readonly<Record<string, number>>

/** The outcome of an attempt, the hire as the attempt has read it, and the calls that it has sent. */
export type Settlement = Outcome & {
  readonly hire?: SeenHire | undefined
  readonly calls?: CallCounts | undefined
}

export type Outcome =
  | {
      readonly state: 'done'
      readonly result: JsonObject
      /** One more run of the event searches for what this one could not get. */
      readonly followUp?: FollowUp
    }
  | {
      readonly state: 'waiting'
      readonly code: string
      readonly reason: string
      readonly nextAt: Date
      /** Decides what the attempt costs. A run that waits for a `circuit` is woken when the circuit closes. */
      readonly kind: WaitKind
      /** The run that goes first; this one is woken when it ends. */
      readonly waitingFor?: RunId
    }
  | {
      readonly state: 'parked'
      readonly code: string
      readonly reason: string
      readonly fix: string
      readonly resumesOn: ResumesOn
      /** What is rechecked while the run is parked, as this attempt has read it. */
      readonly watches?: readonly SeenWatch[]
      /** True: the destination refused the credentials; the whole connection pauses. */
      readonly pausesConnection: boolean
    }
  | { readonly state: 'refused'; readonly code: string; readonly reason: string }
