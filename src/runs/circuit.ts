/**
 * Circuits: a destination that gives no good answer several times in a row is left alone by the whole connection, but for
 * one run now and then that tries. Shared by all processes. Why it counts calls: docs/decisions/0012-circuits.md
 */
import { type Failure, RetryLater } from '../base/failure.ts'
import type { ConnectionId } from '../base/ids.ts'
import type { Alerts } from '../observe/alerts.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { CircuitStore } from './circuit-store.ts'
import type { ClaimedRun } from './run.ts'

/** So many calls in a row, without a good answer in between, within one process. */
export const opensAfter = 5

/** The circuit is open. Waiting costs no attempt, but its time counts: after 72 hours the run parks. */
export class CircuitOpen extends RetryLater {
  constructor(destination: string, reason: string, after: Date) {
    super(
      'runs.circuit_open',
      `${destination} keeps failing, so this run waits until a probe succeeds. The last failure: ${reason}`,
      { after, kind: 'circuit' },
    )
  }
}

export interface EndedCall {
  readonly destination: string
  /** 0: no answer. */
  readonly status: number
  readonly failure: Failure | undefined
}

export interface Circuits {
  /** Before the first call of a try: throws `CircuitOpen` unless the circuit is closed or this run is the probe. */
  admit(run: ClaimedRun): Promise<void>
  /** After each call. Never rejects. */
  answered(run: ClaimedRun, call: EndedCall): Promise<void>
}

export interface CircuitDeps {
  readonly store: CircuitStore
  readonly log: Log
  readonly alerts: Alerts
}

export function createCircuits({ store, log, alerts }: CircuitDeps): Circuits {
  const failures = new Map<string, number>()
  /** Which destination each connection's open circuit is about, as far as this process knows. */
  const open = new Map<ConnectionId, string>()

  return {
    async admit(run) {
      const { circuit, connection } = run
      if (circuit === undefined) {
        open.delete(connection.id)
        return
      }
      open.set(connection.id, circuit.destination)
      const turn = await store.takeProbe(connection.id)
      if (turn === 'closed') open.delete(connection.id)
      else if (turn !== 'probe') throw new CircuitOpen(circuit.destination, circuit.reason, turn.comeBackAt)
      else log.info({ run: run.lease.run, connection: connection.id }, 'probing an open circuit')
    },
    async answered(run, { destination, status, failure }) {
      const name = `${run.connection.id} ${destination}`
      try {
        if (failure instanceof RetryLater && failure.kind === 'outage')
          await failed(run, destination, failure)
        else if (status !== 0) {
          failures.delete(name)
          if (open.get(run.connection.id) === destination) await close(run, destination)
        }
      } catch (error) {
        log.warn({ connection: run.connection.id, ...safeError(error) }, 'circuit not written')
      }
    },
  }

  async function failed(run: ClaimedRun, destination: string, failure: Failure): Promise<void> {
    const name = `${run.connection.id} ${destination}`
    const count = (failures.get(name) ?? 0) + 1
    failures.set(name, count)
    if (count < opensAfter || open.has(run.connection.id)) return
    open.set(run.connection.id, destination)
    const { code, message: reason } = failure
    const first = await store.open(run.connection.id, { destination, code, reason })
    if (first) alerts.raise('circuit_opened', { ...namesOf(run), destination, code })
  }

  async function close(run: ClaimedRun, destination: string): Promise<void> {
    open.delete(run.connection.id)
    const woken = await store.close(run.connection.id)
    if (woken !== undefined) alerts.raise('circuit_closed', { ...namesOf(run), destination, woken })
  }
}

function namesOf({ tenant, integration, connection }: ClaimedRun) {
  return { tenant: tenant.slug, integration, connection: connection.id }
}
