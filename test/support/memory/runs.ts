/** Claiming and settling in memory: the twin of src/runs/store/runs.ts and src/runs/store/settle.ts. */
import { secondsAfter } from '../../../src/base/clock.ts'
import { waitKinds } from '../../../src/base/failure.ts'
import type { RunId } from '../../../src/base/ids.ts'
import { parseJson } from '../../../src/base/json.ts'
import { addressScope, defaultAddress } from '../../../src/base/rate-limit.ts'
import type { RunStore } from '../../../src/runs/ports.ts'
import type { Circuit } from '../../../src/runs/run.ts'
import type { ClaimedRun, Lease, Settlement } from '../../../src/runs/run.ts'
import { addHistory, type MemoryDatabase, mustGet, type StoredCircuit, type StoredRun } from './database.ts'
import { addRun } from './events.ts'
import { keepHire } from './hires.ts'
import type { MemoryJobToSend, MemoryQueue } from './queue.ts'

const notHiredYet = 'pinpoint.not_hired_yet'
const unfinished: ReadonlySet<string> = new Set(['queued', 'running', 'waiting'])

export function createMemoryRunStore(database: MemoryDatabase, queue: MemoryQueue): RunStore {
  const { clock, runs } = database
  return {
    async claim(job, worker) {
      const run = runs.get(job.run)
      if (run === undefined || run.turn !== job.turn || !unfinished.has(run.state)) return undefined
      const token = `${job.id}:${job.delivery}`
      const repeated = run.state === 'running' && run.lease === token && run.worker === worker
      // The answer was lost, and this worker only asks again.
      if (repeated) return claimed(database, run)
      if (run.state === 'running' && run.held !== 'let_go') run.takeovers += 1
      const diedAlone = run.held === 'alone'
      Object.assign(run, {
        state: 'running',
        lease: token,
        worker,
        held: undefined,
        attempt: run.attempt + (isSameAttempt(run) ? 0 : 1),
        nextAt: undefined,
        waitingFor: undefined,
        updatedAt: clock.now(),
      })
      addHistory(database, run)
      return { ...claimed(database, run), diedAlone }
    },
    async settle(lease, job, ended) {
      const run = runs.get(lease.run)
      if (run?.lease !== lease.token) return run?.settledBy === lease.token
      const settlement = unlessChanged(database, run, { lease, ended })
      apply(database, run, settlement)
      run.mappingVersion = lease.mappingVersion
      keepHire(database, run, ended.hire)
      if (settlement.state === 'parked' && settlement.pausesConnection) pause(database, run, settlement)
      queue.send(begunFollowUp(database, run, settlement))
      queue.send(
        settlement.state === 'waiting' ? [followUp(database, run, settlement)] : wake(database, run.id),
      )
      queue.complete(job)
      return true
    },
    async alone({ run: id, token }) {
      const run = runs.get(id)
      if (run?.lease !== token || run.state !== 'running' || run.held === 'let_go') return false
      run.held = 'alone'
      return true
    },
    async letGo(jobs) {
      for (const { id, delivery, run: name } of jobs) {
        const run = runs.get(name)
        if (run?.lease === `${id}:${delivery}` && run.state === 'running') run.held = 'let_go'
      }
    },
  }
}

/** After a wait that cost no attempt. */
function isSameAttempt({ state, waitedFor }: StoredRun): boolean {
  return state !== 'running' && waitedFor !== undefined && waitKinds[waitedFor] !== 'attempt'
}

/** Another one whenever settings, secrets or the tenant's key may have changed. */
function revisionOf({ connections, tenants }: MemoryDatabase, run: StoredRun): string {
  const changes = [
    mustGet(connections, run.connection).revision,
    mustGet(connections, run.connection).version,
    mustGet(tenants, run.tenant).updatedAt.toISOString(),
  ]
  return changes.join(' ')
}

/** What a run parks for has changed during its try: nobody would lift it, so it goes on at once. */
function unlessChanged(
  database: MemoryDatabase,
  run: StoredRun,
  { lease, ended }: { readonly lease: Lease; readonly ended: Settlement },
): Settlement {
  if (ended.state !== 'parked' || ended.resumesOn !== 'connection') return ended
  if (lease.revision === undefined || lease.revision === revisionOf(database, run)) return ended
  const { code, reason, calls } = ended
  return { state: 'waiting', code, reason, nextAt: database.clock.now(), kind: 'turn', calls }
}

function apply(database: MemoryDatabase, run: StoredRun, settlement: Settlement): void {
  const now = database.clock.now()
  const waiting = settlement.state === 'waiting' ? settlement : undefined
  const parked = settlement.state === 'parked' ? settlement : undefined
  const cost = waiting && waitKinds[waiting.kind]
  if (cost === 'attempt') run.failures += 1
  if (cost === 'attempt' || cost === 'time') run.firstFailedAt ??= now
  Object.assign(run, {
    state: settlement.state,
    code: 'code' in settlement ? settlement.code : undefined,
    reason: 'reason' in settlement ? settlement.reason : undefined,
    fix: parked?.fix,
    resumesOn: parked?.resumesOn,
    connectionVersion:
      parked?.resumesOn === 'connection' ? database.connections.get(run.connection)?.version : undefined,
    nextAt: waiting?.nextAt,
    waitedFor: waiting?.kind,
    waitingFor: waiting?.waitingFor,
    result:
      settlement.state === 'done' ? (parseJson(JSON.stringify(settlement.result)) as object) : undefined,
    settledBy: run.lease,
    takeovers: run.held === 'alone' ? 0 : run.takeovers,
    held: undefined,
    lease: undefined,
    worker: undefined,
    turn: run.turn + 1,
    updatedAt: now,
  })
  addHistory(database, { ...run, calls: settlement.calls }, run.reason)
}

/** One more run of the event, unless a newer one is there. */
function begunFollowUp(
  database: MemoryDatabase,
  run: StoredRun,
  settlement: Settlement,
): readonly MemoryJobToSend[] {
  if (settlement.state !== 'done' || settlement.followUp === undefined) return []
  const { connection, integration, generation } = run
  const id = `run_${run.event.slice(4)}_${integration}_${generation + 1}` as RunId
  if (database.runs.has(id)) return []
  const { reason, inSeconds } = settlement.followUp
  const now = database.clock.now()
  const made = { id, connection, integration, generation: generation + 1, followUpSince: now }
  const nextAt = secondsAfter(now, inSeconds)
  const { turn } = addRun(database, mustGet(database.events, run.event), { ...made, nextAt, reason })
  return [{ run: id, turn, connection, at: nextAt }]
}

/** When the run that this one waits for has ended in the meantime, nobody would wake it: it goes on at once. */
function followUp(
  { runs, circuits }: MemoryDatabase,
  { id, turn, connection }: StoredRun,
  { waitingFor, nextAt, kind }: Settlement & { readonly state: 'waiting' },
): MemoryJobToSend {
  const now = { run: id, turn, connection }
  const later = { ...now, at: nextAt }
  if (kind === 'circuit') return circuits.has(connection) ? later : now
  if (waitingFor === undefined) return later
  return unfinished.has(runs.get(waitingFor)?.state ?? '') ? later : now
}

/** Runs that waited for this one's turn on the same person go on now. */
export function wake({ runs, clock }: MemoryDatabase, ended: RunId): readonly MemoryJobToSend[] {
  const woken = [...runs.values()].filter((run) => run.waitingFor === ended && run.state === 'waiting')
  return woken.map((run) => {
    Object.assign(run, {
      turn: run.turn + 1,
      waitingFor: undefined,
      nextAt: clock.now(),
      updatedAt: clock.now(),
    })
    return { run: run.id, turn: run.turn, connection: run.connection }
  })
}

function pause(
  { connections, clock }: MemoryDatabase,
  { connection }: StoredRun,
  { code, reason, fix }: Settlement & { readonly state: 'parked' },
): void {
  const stored = mustGet(connections, connection)
  if (stored.paused !== undefined) return
  connections.set(connection, { ...stored, paused: { code, reason, fix, at: clock.now() } })
}

function unrecognisedOf(
  { history }: MemoryDatabase,
  { id, firstFailedAt }: StoredRun,
): ClaimedRun['unrecognised'] {
  if (firstFailedAt === undefined) return undefined
  const told = history.get(id) ?? []
  // By order, not by time: all of this may happen within a millisecond.
  const met = told
    .slice(told.findLastIndex(({ state }) => state === 'queued') + 1)
    .filter(({ state, code }) => state === 'waiting' && code?.endsWith('.answer_unrecognised'))
  return met[0] && { times: met.length, since: met[0].at }
}

function claimed(database: MemoryDatabase, run: StoredRun): ClaimedRun {
  const { id, slug, apiUrl, apiKey, timeZone, demoHires } = mustGet(database.tenants, run.tenant)
  const { enabled, comment, writeBack, commentWhenParked, settings, mapping, mappings, secrets, paused } =
    mustGet(database.connections, run.connection)
  const event = mustGet(database.events, run.event)
  const steps = [...(database.steps.get(run.id)?.values() ?? [])]
  const limits = [...database.limits.values()]
  const history = database.history.get(run.id) ?? []
  const circuit = database.circuits.get(run.connection)
  const revision = revisionOf(database, run)
  return {
    lease: { run: run.id, token: run.lease ?? '', revision, mappingVersion: mapping && mappings.length },
    turn: run.turn,
    attempt: run.attempt,
    readsAfresh:
      run.attempt > 1 ||
      run.generation > 0 ||
      run.resumedAt !== undefined ||
      (run.waitedFor !== undefined && run.waitedFor !== 'permit'),
    failures: run.failures,
    firstFailedAt: run.firstFailedAt,
    takeovers: run.takeovers,
    diedAlone: false,
    followUpSince: run.followUpSince,
    subject: run.subject,
    integration: run.integration,
    tenant: {
      id,
      slug,
      apiUrl,
      apiKey,
      timeZone,
      demoHires,
      refusedExtras: database.refusedExtras.get(id) ?? [],
    },
    connection: {
      id: run.connection,
      enabled,
      settings,
      mapping: mapping && { written: mapping, version: mappings.length },
      secrets,
      comment,
      writeBack,
      commentWhenParked,
      revision,
      paused: paused && { code: paused.code, reason: paused.reason, fix: paused.fix },
    },
    event: {
      id: event.id,
      name: event.name ?? '',
      triggeredAt: event.triggeredAt ?? event.receivedAt,
      receivedAt: event.receivedAt,
    },
    notHiredYet:
      run.code === undefined
        ? 0
        : history.filter(({ state, code }) => state === 'waiting' && code === notHiredYet).length,
    journal: new Map(steps.map(({ title, outcome, output }) => [title, { outcome, output }])),
    waitedFor: run.waitedFor,
    decision: takenDecision(run),
    unrecognised: unrecognisedOf(database, run),
    claimedAt: database.clock.now(),
    limits: limits.filter(({ key }) =>
      [run.connection, run.tenant, addressScope(defaultAddress)].some((scope) => scope === key.scope),
    ),
    circuit: circuit && toCircuit(circuit),
  }
}

function toCircuit({ destination, ofEffects, code, reason }: StoredCircuit): Circuit {
  return { destination, ofEffects, code, reason }
}

function takenDecision({ decision }: StoredRun): ClaimedRun['decision'] {
  if (decision?.of.decision === undefined) return undefined
  return { decision: decision.of.decision, before: decision.before.getTime() / 1000 }
}

/** The twin of src/runs/store/takeover.ts. */
export async function takeOverInMemory(
  database: MemoryDatabase,
  queue: MemoryQueue,
  isGone: (worker: string) => boolean,
): Promise<number> {
  const freed = [...database.runs.values()].filter(
    ({ state, worker }) => state === 'running' && worker !== undefined && isGone(worker),
  )
  for (const run of freed) {
    Object.assign(run, {
      state: 'queued',
      turn: run.turn + 1,
      lease: undefined,
      worker: undefined,
      takeovers: run.takeovers + (run.held === 'let_go' ? 0 : 1),
      updatedAt: database.clock.now(),
    })
    addHistory(database, run, 'its worker died; handed on')
  }
  queue.send(freed.map(({ id, turn, connection }) => ({ run: id, turn, connection })))
  return freed.length
}
