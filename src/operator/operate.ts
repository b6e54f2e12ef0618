/** The rules for what an operator does with runs: show, resume, cancel, replay. Storage implements the port. */
import { NeedsPerson, Refused, type ResumesOn } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import { type Decision, isFinished, type RunState, unfinishedStates } from '../runs/run.ts'
import type { RecheckView } from '../runs/watch.ts'
import type { RunCost } from './cost.ts'
import type { EventView } from './event-view.ts'

/** A run as the CLI and scripts see it. Instants are ISO 8601. */
export interface RunView {
  readonly id: string
  readonly tenant: string
  readonly integration: string
  /** The event's id. */
  readonly event: string
  /** The application's id. */
  readonly subject: string
  readonly state: RunState
  readonly code: string | null
  /** One sentence: why it waits, is parked or was refused. */
  readonly reason: string | null
  /** What the operator should do. */
  readonly fix: string | null
  /** The change on which a parked run resumes; its rechecks may add others. */
  readonly resumesOn: ResumesOn | null
  readonly attempt: number
  readonly nextAt: string | null
  readonly result: JsonObject | null
  /** The replay of many that started or resumed it last. */
  readonly replay: string | null
  /** The last decision of a person about it. */
  readonly decision: DecisionView | null
  /** The version of the connection's mapping that the last attempt worked with. */
  readonly mappingVersion: number | null
  /** It searches for what an earlier run of the event had to leave out. */
  readonly followUp: boolean
  readonly createdAt: string
  readonly updatedAt: string
}

type Reasons = Pick<RunView, 'code' | 'reason' | 'fix' | 'resumesOn'>

/** A running run still stores the reasons of its last attempt, which no longer apply; a finished run needs no fix. */
export function reasonsNow({
  state,
  code,
  reason,
  fix,
  resumesOn,
}: Pick<RunView, 'state'> & { readonly [K in keyof Reasons]?: Reasons[K] | undefined }): Reasons {
  if (state === 'running') return { code: null, reason: null, fix: null, resumesOn: null }
  const told = { code: code ?? null, reason: reason ?? null }
  if (isFinished(state)) return { ...told, fix: null, resumesOn: null }
  return { ...told, fix: fix ?? null, resumesOn: resumesOn ?? null }
}

/** In timelines, the only place that shows that an answer was lost. */
export const adoptedText = 'adopted: made by a call whose answer was lost, then found'

/** In timelines, after an effect. */
export const madeWithText = 'mapping version'

export interface DecisionView {
  /** `record`: the given record is the hire's. `make_again`: a new record is made, whatever the ledger holds. */
  readonly is: Decision['is']
  readonly record: string | null
  readonly by: string | null
  readonly reason: string | null
  readonly at: string
}

/** How a person resumes a run. */
export interface Resumption {
  /** Only for a parked run. */
  readonly decision?: Decision | undefined
  /** The user's name on this machine. */
  readonly by?: string | undefined
  readonly reason?: string | undefined
}

type Who = Pick<Resumption, 'by' | 'reason'>

export interface TimelineEntry {
  readonly at: string
  readonly attempt: number
  /** `queued`, `running`, …, or `step` for a journalled step. */
  readonly kind: RunState | 'step'
  readonly text: string
  readonly milliseconds?: number
  /** The version of the mapping with which an effect was made. */
  readonly mappingVersion?: number
}

export interface ShownRun {
  readonly run: RunView
  readonly timeline: readonly TimelineEntry[]
  /** Its rechecks. */
  readonly rechecks: readonly RecheckView[]
  readonly cost: RunCost
}

export interface RunFilter {
  readonly tenant?: string
  /** Unset: any state. */
  readonly states?: readonly RunState[]
  readonly integration?: string
  readonly event?: string
  /** The id of a replay of many. */
  readonly replay?: string
  /** The application's id. */
  readonly subject?: string
  /** The code of the reason why it waits, is parked or was refused. */
  readonly code?: string
  /** Created from this moment on. */
  readonly since?: Date
  readonly limit: number
}

/** How a user names a run: by its id or the beginning of it, by its event, or by its application. */
export interface RunName {
  readonly kind: 'id' | 'event' | 'application'
  readonly value: string
}

export interface RunReader {
  /** Newest first. */
  listRuns(filter: RunFilter): Promise<readonly RunView[]>
  /** The number of matching runs, counted up to the limit. */
  countRuns(filter: RunFilter): Promise<number>
  /**
   * Newest first: the run of this id, or all whose ids begin so; of an event or an application the newest run for each
   * connection.
   */
  findRuns(
    name: RunName,
    filter: Pick<RunFilter, 'tenant' | 'integration' | 'limit'>,
  ): Promise<readonly RunView[]>
  showRun(id: string): Promise<ShownRun | undefined>
  listEvents(filter: {
    readonly tenant?: string
    readonly subject?: string
    readonly limit: number
  }): Promise<readonly EventView[]>
  showEvent(id: string): Promise<EventView | undefined>
  /** Codes that runs have now, in alphabetical order. */
  listCodes(): Promise<readonly string[]>
}

export interface RunAdmin extends RunReader {
  /** Queues the run in one guarded update. False when it was not in one of these states. */
  queueAgain(id: string, from: readonly RunState[], resumption?: Resumption): Promise<boolean>
  /** `because` is shown in the timeline. */
  cancel(id: string, from: readonly RunState[], because?: string): Promise<boolean>
  /** New runs for the event's enabled connections, or the one named; none while an earlier run is unfinished. */
  replay(event: string, integrations: readonly string[]): Promise<readonly string[]>
}

/** Queued runs only while the delay of their connection lasts. */
export const resumableStates = ['parked', 'waiting', 'queued'] as const satisfies readonly RunState[]

export async function resumeRun(
  runAdmin: RunAdmin,
  id: string,
  resumption: Resumption = {},
): Promise<RunView> {
  const decided = resumption.decision !== undefined
  const from = decided ? (['parked'] as const) : resumableStates
  if (await runAdmin.queueAgain(id, from, resumption)) return (await mustShow(runAdmin, id)).run
  const { run } = await mustShow(runAdmin, id)
  if (decided) {
    throw new Refused(
      'runs.not_parked',
      `Run ${id} is ${run.state}; --record and --make-again apply to parked runs only.`,
    )
  }
  throw new Refused(
    'runs.not_resumable',
    `Run ${id} is ${run.state}; only a parked, waiting or delayed run can be resumed.`,
  )
}

/** In the timeline of the run. */
export function resumedText({ decision, by, reason }: Resumption = {}): string {
  const who = by === undefined ? '' : ` by ${by}`
  const what =
    decision === undefined
      ? ''
      : decision.is === 'record'
        ? `: record ${decision.record} is the hire’s`
        : ': a new record is to be made'
  return `resumed${who}${what}${reason === undefined ? '' : `. Because: ${reason}`}`
}

/** In the timeline of the run. */
export function cancelledText({ by, reason }: Who): string {
  return `cancelled${by === undefined ? '' : ` by ${by}`}${reason === undefined ? '' : `. Because: ${reason}`}`
}

export async function cancelRun(runAdmin: RunAdmin, id: string, { by, reason }: Who = {}): Promise<RunView> {
  if (await runAdmin.cancel(id, unfinishedStates, cancelledText({ by, reason })))
    return (await mustShow(runAdmin, id)).run
  const { run } = await mustShow(runAdmin, id)
  throw new Refused('runs.not_cancellable', `Run ${id} is ${run.state} already.`)
}

export async function replayEvent(
  runAdmin: RunAdmin,
  id: string,
  handles: { readonly event: (name: string | null) => readonly string[]; readonly integration?: string },
): Promise<EventView> {
  const event = await mustShowEvent(runAdmin, id)
  const handled = handles.event(event.name)
  const wanted = handled.filter((name) => handles.integration === undefined || name === handles.integration)
  if (event.subject === null || wanted.length === 0) {
    throw new Refused(
      'runs.nothing_to_replay',
      `Event ${id} (${event.name ?? 'unreadable'}) is handled by no such integration.`,
    )
  }
  const started = await runAdmin.replay(id, wanted)
  if (started.length > 0) return mustShowEvent(runAdmin, id)

  // Read again: another replay of the event may have started its run in between.
  const { runs } = await mustShowEvent(runAdmin, id)
  const unfinished = runs.find((run) => wanted.includes(run.integration) && !isFinished(run.state))
  if (unfinished !== undefined) {
    throw new NeedsPerson('runs.unfinished', `Run ${unfinished.id} of this event is ${unfinished.state}.`, {
      fix: `Resume it (runs resume ${unfinished.id}) or cancel it; then replay.`,
    })
  }
  throw new NeedsPerson(
    'runs.no_connection',
    `Tenant ${event.tenant} has no enabled connection that handles it.`,
    {
      fix: `Enable one: connections enable ${event.tenant} ${wanted[0] ?? ''}`.trim(),
    },
  )
}

async function mustShow(runAdmin: RunAdmin, id: string) {
  const shown = await runAdmin.showRun(id)
  if (shown === undefined) throw new Refused('runs.unknown_run', `There is no run ${id}.`)
  return shown
}

export async function mustShowEvent(runAdmin: RunReader, id: string): Promise<EventView> {
  const event = await runAdmin.showEvent(id)
  if (event === undefined) throw new Refused('runs.unknown_event', `There is no event ${id}.`)
  return event
}
