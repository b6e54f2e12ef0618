/** The choice of events for a preview or a replay of many. */
import type { ConnectionId, EventId, RunId, TenantId } from '../base/ids.ts'
import { type RunState, runStates } from '../runs/run.ts'

/** `none`: the connection has no run of the event yet. */
export type ChosenState = RunState | 'none'

/** What a replay can start: runs that have ended or parked, and events that started none. */
export const replayable: readonly ChosenState[] = ['done', 'parked', 'refused', 'cancelled', 'none']

/** What can be previewed: also unfinished runs. */
export const previewable: readonly ChosenState[] = [...runStates, 'none']

export interface EventChoice {
  readonly tenant: TenantId
  /** Events received from this moment on. */
  readonly since: Date
  /** By the newest run of each event and connection. */
  readonly states: readonly ChosenState[]
  readonly integration: string | undefined
  /** The integrations that handle a hire. */
  readonly handling: readonly string[]
}

/** One enabled connection and an event that it handles. */
export interface Chosen {
  readonly event: EventId
  readonly application: string
  readonly connection: ConnectionId
  readonly integration: string
  readonly run: RunId | undefined
  readonly state: ChosenState
}
