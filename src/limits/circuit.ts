/**
 * Circuits: when a destination gives no good answer several times in a row, the whole connection stops calling it, except
 * for one probe now and then. Shared by all processes. Why calls are counted: docs/decisions/0012-circuits.md
 */
import { type Failure, RetryLater } from '../base/failure.ts'
import type { ConnectionId, RunId } from '../base/ids.ts'
import type { Alerts } from '../observe/alerts.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { ClaimedRun } from '../runs/run.ts'
import type { Circuit } from '../runs/run.ts'
import type { CircuitStore } from './ports.ts'

/** The circuit opens after this many calls in a row without a good answer, within one process, */
export const opensAfter = 5
/** or after this share of the calls under way, if that is more: answers of failures come first, since nothing was done for them; */
export const opensAtShare = 1 / 2
/** and of this many runs: one hire with a problem is no reason to stop calling the destination. */
export const opensForRuns = 3

/** Reads are repeated until so many in a row have failed for good: then the destination is down, and repetitions only add to it. */
export const repeatsUntil = 2

/** The circuit is open. Waiting costs no attempt, but its time counts: after 72 hours the run parks. */
export class CircuitOpen extends RetryLater {
  constructor({ destination, reason, code }: Circuit, after: Date) {
    super(
      'runs.circuit_open',
      `${destination} keeps failing, so this run waits until a probe succeeds. The last failure: ${reason}`,
      { after, kind: 'circuit', last: { code, message: reason } },
    )
  }
}

export interface CallOutcome {
  readonly destination: string
  /** True for a call that makes something. */
  readonly effect: boolean
  /** 0: no answer. */
  readonly status: number
  readonly failure: Failure | undefined
}

export interface Circuits {
  /** Before the first call of an attempt: throws `CircuitOpen` unless the circuit is closed or this run is the probe. */
  admit(run: ClaimedRun): Promise<void>
  /** Before each call that `answered` will end. */
  sent(run: ClaimedRun, call: Pick<CallOutcome, 'destination' | 'effect'>): void
  /** False where a repetition would not help either: the circuit is open, or this destination's last reads failed, repeated or not. */
  mayRepeat(run: ClaimedRun, destination: string): boolean
  /** After each call; a read that was repeated is one. Never rejects. */
  answered(run: ClaimedRun, call: CallOutcome): Promise<void>
}

export interface CircuitDeps {
  readonly store: CircuitStore
  readonly log: Log
  readonly alerts: Alerts
}

export function createCircuits({ store, log, alerts }: CircuitDeps): Circuits {
  const failures = new Map<string, { calls: number; readonly runs: Set<RunId> }>()
  /** Calls of each kind that have no answer yet. */
  const underWay = new Map<string, number>()
  /** The open circuit of each connection, as far as this process knows. */
  const open = new Map<ConnectionId, Pick<Circuit, 'destination' | 'ofEffects'>>()

  return {
    async admit(run) {
      const { circuit, connection } = run
      if (circuit === undefined) {
        open.delete(connection.id)
        return
      }
      open.set(connection.id, circuit)
      const turn = await store.takeProbe(connection.id)
      if (turn === 'closed') open.delete(connection.id)
      else if (turn !== 'probe') throw new CircuitOpen(circuit, turn.comeBackAt)
      else log.info({ run: run.lease.run, connection: connection.id }, 'probing an open circuit')
    },
    sent(run, { destination, effect }) {
      count(underWay, nameOf(run, destination, effect), 1)
    },
    mayRepeat: (run, destination) =>
      !open.has(run.connection.id) &&
      (failures.get(nameOf(run, destination, false))?.calls ?? 0) < repeatsUntil,
    async answered(run, call) {
      count(underWay, nameOf(run, call.destination, call.effect), -1)
      try {
        if (isBad(call)) await failed(run, call)
        else if (call.status !== 0) await worked(run, call)
      } catch (error) {
        log.warn({ connection: run.connection.id, ...safeError(error) }, 'circuit not written')
      }
    },
  }

  async function failed(run: ClaimedRun, call: BadCall): Promise<void> {
    const { destination, effect: ofEffects } = call
    const name = nameOf(run, destination, ofEffects)
    const failed = failures.get(name) ?? { calls: 0, runs: new Set() }
    failures.set(name, failed)
    failed.calls += 1
    if (failed.runs.size < opensForRuns) failed.runs.add(run.lease.run)
    const enough = Math.max(opensAfter, (underWay.get(name) ?? 0) * opensAtShare)
    if (failed.calls < enough || failed.runs.size < opensForRuns || open.has(run.connection.id)) return
    open.set(run.connection.id, { destination, ofEffects })
    const { code, reason } = call.failure
    const first = await store.open(run.connection.id, { destination, ofEffects, code, reason })
    if (first) alerts.raise('circuit_opened', { ...namesOf(run), destination, code })
  }

  /** A successful effect closes any circuit; a successful read only one of reads, since effects may still fail. */
  async function worked(run: ClaimedRun, { destination, effect }: CallOutcome): Promise<void> {
    failures.delete(nameOf(run, destination, false))
    if (effect) failures.delete(nameOf(run, destination, true))
    const circuit = open.get(run.connection.id)
    if (circuit?.destination !== destination || (circuit.ofEffects && !effect)) return
    await close(run, destination)
  }

  async function close(run: ClaimedRun, destination: string): Promise<void> {
    open.delete(run.connection.id)
    const woken = await store.close(run.connection.id)
    if (woken !== undefined) alerts.raise('circuit_closed', { ...namesOf(run), destination, woken })
  }
}

type BadCall = CallOutcome & { readonly failure: RetryLater }

/** No answer, an outage, or an answer that leaves the outcome of an effect unclear. */
function isBad(call: CallOutcome): call is BadCall {
  const { failure, effect } = call
  if (!(failure instanceof RetryLater)) return false
  return failure.kind === 'outage' || (effect && failure.outcome === 'unclear')
}

function count(all: Map<string, number>, name: string, more: 1 | -1): void {
  const now = (all.get(name) ?? 0) + more
  if (now > 0) all.set(name, now)
  else all.delete(name)
}

function nameOf({ connection }: ClaimedRun, destination: string, ofEffects: boolean): string {
  return `${connection.id} ${destination} ${ofEffects ? 'effects' : 'reads'}`
}

function namesOf({ tenant, integration, connection }: ClaimedRun) {
  return { tenant: tenant.slug, integration, connection: connection.id }
}
