/** What operators do with runs, in memory: the twin of src/operator/store/runs.ts and src/operator/store/run-views.ts. */
import type { EventId, RunId } from '../../../src/base/ids.ts'
import { costOf } from '../../../src/operator/cost.ts'
import type { EventView } from '../../../src/operator/event-view.ts'
import {
  adoptedText,
  madeWithText,
  reasonsNow,
  type RunAdmin,
  type RunFilter,
  type RunView,
  type TimelineEntry,
} from '../../../src/operator/operate.ts'
import { addHistory, type MemoryDatabase, mustGet, type StoredEvent, type StoredRun } from './database.ts'
import { addRun } from './events.ts'
import type { MemoryQueue } from './queue.ts'
import { requeue } from './resume.ts'
import { wake } from './runs.ts'

const finished: ReadonlySet<string> = new Set(['done', 'refused', 'cancelled'])

export function createMemoryRunDesk(database: MemoryDatabase, queue: MemoryQueue): RunAdmin {
  const { runs, events } = database
  const inState = (id: string, from: readonly string[]) => {
    const run = runs.get(id as RunId)
    return run !== undefined && from.includes(run.state) ? run : undefined
  }
  return {
    async listRuns(filter) {
      return listed(database, filter)
    },
    async countRuns(filter) {
      return listed(database, filter).length
    },
    async findRuns({ kind, value }, { tenant, integration, limit }) {
      const of = { ...(tenant && { tenant }), ...(integration && { integration }), limit: Infinity }
      const all = listed(database, of)
      if (kind === 'id') {
        const same = all.filter(({ id }) => id === value)
        return (same.length > 0 ? same : all.filter(({ id }) => id.startsWith(value))).slice(0, limit)
      }
      const about = all.filter((run) => (kind === 'event' ? run.event : run.subject) === value)
      const isNewest = (run: RunView) =>
        about.find((one) => one.tenant === run.tenant && one.integration === run.integration) === run
      return about.filter(isNewest).slice(0, limit)
    },
    async listCodes() {
      const codes = [...runs.values()].flatMap(({ state, code }) => (state === 'done' ? [] : (code ?? [])))
      return [...new Set(codes)].sort()
    },
    async showRun(id) {
      const run = runs.get(id as RunId)
      if (run === undefined) return undefined
      const history = (database.history.get(run.id) ?? []).map((line) => ({
        ...line,
        code: line.code ?? null,
      }))
      return {
        run: viewRun(database, run),
        timeline: timelineOf(database, run),
        cost: costOf(history, database.clock.now()),
        // Looks at what a parked run waits for are not in the twin.
        rechecks: [],
      }
    },
    async listEvents({ tenant, subject, limit }) {
      return newestFirst([...events.values()], (event) => event.receivedAt)
        .map((event) => viewEvent(database, event))
        .filter((event) => tenant === undefined || event.tenant === tenant)
        .filter((event) => subject === undefined || event.subject === subject)
        .slice(0, limit)
    },
    async showEvent(id) {
      const event = events.get(id as EventId)
      return event && viewEvent(database, event)
    },
    async queueAgain(id, from, resumption) {
      const run = inState(id, from)
      if (run !== undefined) requeue({ database, queue }, [run], resumption)
      return run !== undefined
    },
    async cancel(id, from, because = 'cancelled') {
      const run = inState(id, from)
      if (run === undefined) return false
      const gone = { lease: undefined, nextAt: undefined, waitingFor: undefined }
      Object.assign(run, {
        ...gone,
        ...{ code: undefined, reason: because, fix: undefined, resumesOn: undefined },
        state: 'cancelled',
        turn: run.turn + 1,
        updatedAt: database.clock.now(),
      })
      addHistory(database, run, because)
      queue.send(wake(database, run.id))
      return true
    },
    async replay(id, integrations) {
      const event = events.get(id as EventId)
      const started = event === undefined ? [] : replayed(database, event, integrations)
      queue.send(started.map(({ id, connection }) => ({ run: id, turn: 1, connection, replay: true })))
      return started.map(({ id: run }) => run)
    },
  }
}

function listed(database: MemoryDatabase, filter: RunFilter): readonly RunView[] {
  const { tenant, states, integration, event, subject, code, since, limit } = filter
  return newestFirst([...database.runs.values()], (run) => run.createdAt)
    .filter((run) => since === undefined || run.createdAt >= since)
    .map((run) => viewRun(database, run))
    .filter((run) => tenant === undefined || run.tenant === tenant)
    .filter((run) => states === undefined || states.includes(run.state))
    .filter((run) => integration === undefined || run.integration === integration)
    .filter((run) => event === undefined || run.event === event)
    .filter((run) => subject === undefined || run.subject === subject)
    .filter((run) => code === undefined || run.code === code)
    .slice(0, limit)
}

function replayed(
  database: MemoryDatabase,
  event: StoredEvent,
  integrations: readonly string[],
): readonly StoredRun[] {
  return [...database.connections.values()]
    .filter((one) => one.tenant === event.tenant && one.enabled && integrations.includes(one.integration))
    .flatMap(({ id: connection, integration }) => {
      const earlier = [...database.runs.values()].filter(
        (run) => run.event === event.id && run.connection === connection,
      )
      for (const run of earlier) supersede(database, run)
      if (earlier.some(({ state }) => !finished.has(state))) return []
      const generation = Math.max(-1, ...earlier.map((run) => run.generation)) + 1
      const suffix = generation === 0 ? '' : `_${generation}`
      const id = `run_${event.id.slice(4)}_${integration}${suffix}` as RunId
      return [
        addRun(database, event, {
          id,
          connection,
          integration,
          generation,
          reason: 'replayed',
          resumedAt: database.clock.now(),
        }),
      ]
    })
}

/** A replay looks for all that a follow-up waits for. */
function supersede(database: MemoryDatabase, run: StoredRun): void {
  if (run.followUpSince === undefined || (run.state !== 'queued' && run.state !== 'waiting')) return
  const now = database.clock.now()
  const reason = 'replaced by a replay'
  Object.assign(run, { state: 'cancelled', reason, turn: run.turn + 1, nextAt: undefined, updatedAt: now })
  addHistory(database, run, reason)
}

function newestFirst<Row extends { readonly id: string }>(
  rows: readonly Row[],
  at: (row: Row) => Date,
): readonly Row[] {
  return rows.toSorted((a, b) => at(b).getTime() - at(a).getTime() || (a.id < b.id ? 1 : -1))
}

function viewRun(database: MemoryDatabase, run: StoredRun): RunView {
  return {
    id: run.id,
    tenant: mustGet(database.tenants, run.tenant).slug,
    integration: run.integration,
    event: run.event,
    subject: run.subject,
    state: run.state,
    ...reasonsNow(run),
    attempt: run.attempt,
    nextAt: run.nextAt?.toISOString() ?? null,
    result: run.result ?? null,
    // Replays of many are not in the twin.
    replay: null,
    decision: viewDecision(run),
    mappingVersion: run.mappingVersion ?? null,
    followUp: run.followUpSince !== undefined,
    createdAt: run.createdAt.toISOString(),
    updatedAt: run.updatedAt.toISOString(),
  }
}

function viewDecision({ decision }: StoredRun): RunView['decision'] {
  if (decision?.of.decision === undefined) return null
  const { decision: decided, by = null, reason = null } = decision.of
  const record = decided.is === 'record' ? decided.record : null
  return { is: decided.is, record, by, reason, at: decision.at.toISOString() }
}

function timelineOf(database: MemoryDatabase, run: StoredRun): readonly TimelineEntry[] {
  const told = (database.history.get(run.id) ?? []).map(({ at, attempt, state, reason }) => {
    return { at: at.toISOString(), attempt, kind: state, text: reason }
  })
  const steps = [...(database.steps.get(run.id)?.values() ?? [])].map((step) => ({
    at: step.finishedAt.toISOString(),
    attempt: step.attempt,
    kind: 'step' as const,
    text: `${step.title}: ${step.outcome === 'adopted' ? adoptedText : step.outcome}${step.remoteId === undefined ? '' : ` (${step.remoteId})`}${step.mappingVersion === undefined ? '' : `, ${madeWithText} ${step.mappingVersion}`}`,
    milliseconds: Math.max(0, Math.round(step.finishedAt.getTime() - step.startedAt.getTime())),
    ...(step.mappingVersion === undefined ? {} : { mappingVersion: step.mappingVersion }),
  }))
  // Steps first: among entries of one instant they come before what the run became of them.
  return [...steps, ...told].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

function viewEvent(database: MemoryDatabase, event: StoredEvent): EventView {
  const runs = [...database.runs.values()].filter((run) => run.event === event.id)
  return {
    id: event.id,
    tenant: mustGet(database.tenants, event.tenant).slug,
    name: event.name ?? null,
    subject: event.subject ?? null,
    triggeredAt: event.triggeredAt?.toISOString() ?? null,
    receivedAt: event.receivedAt.toISOString(),
    origin: 'webhook',
    deliveries: event.deliveries,
    runs: runs.map(({ id, integration, state }) => ({ id, integration, state })),
  }
}
