/** Builds what all runs of a process share on their way to the outside, and the gate of each run over it. */
import type { Clock } from '../base/clock.ts'
import type { Alerts } from '../observe/alerts.ts'
import type { Log } from '../observe/log.ts'
import type { ClaimedRun } from '../runs/run.ts'
import { createCircuits } from './circuit.ts'
import { createConnectionLimits } from './connection-limits.ts'
import type { CircuitStore } from './ports.ts'
import type { LimitStore } from './ports.ts'
import { createCredentialGate } from './refused-credentials.ts'
import { createRunGate, type RunGate } from './run-interceptor.ts'

export interface RunGatesDeps {
  readonly limits: LimitStore
  readonly circuits: CircuitStore
  readonly alerts: Alerts
  readonly clock: Clock
  readonly log: Log
  /** Names the IP address that this process calls from. */
  readonly address: string
}

export function createRunGates(deps: RunGatesDeps): (run: ClaimedRun) => RunGate {
  const { clock, log, alerts, address } = deps
  const limits = createConnectionLimits({ store: deps.limits, clock, log })
  const credentials = createCredentialGate(clock)
  const circuits = createCircuits({ store: deps.circuits, log, alerts })
  return (run) => createRunGate({ limits, credentials, circuits, address }, run)
}
