/**
 * Where a test can intervene between the parts of a service: every port through which a process commits or calls the outside
 * is passed through here once, when the service is composed. The product decorates none of them.
 */
import type { Database } from '../embedded-postgres/database.ts'
import type { EventStore, Inbox } from '../intake/ports.ts'
import type { LimitStore } from '../limits/ports.ts'
import type { Outbound } from '../outbound/outbound.ts'
import type { JobQueue } from '../queue/ports.ts'
import type { Journal, Ledger, RunStore } from '../runs/ports.ts'
import type { Integration } from '../sdk/integration.ts'
import type { DueSweeps, SweepStore } from '../sweeps/ports.ts'
import type { PerformSweep } from '../sweeps/sweeper.ts'
import type { Perform } from '../worker/perform.ts'

export interface Ports {
  readonly database: Database
  readonly events: EventStore
  readonly inbox: Inbox
  readonly queue: JobQueue
  readonly runs: RunStore
  readonly takeOver: TakeOver
  readonly perform: Perform
  readonly journal: Journal
  readonly ledger: Ledger
  readonly limits: LimitStore
  readonly dueSweeps: DueSweeps
  readonly sweeps: SweepStore
  readonly performSweep: PerformSweep
  readonly outbound: Outbound
}

/** Hands over the runs of dead workers of this machine; returns how many. */
export interface TakeOver {
  takeOver(): Promise<number>
}

/** Returns the replacement of a port, or the port itself. */
export type DecoratePort = <Name extends keyof Ports>(name: Name, port: Ports[Name]) => Ports[Name]

export const undecorated: DecoratePort = (_name, port) => port

export interface ServiceOptions {
  readonly decorate?: DecoratePort
  /** Replaces the registry: integrations under development. */
  readonly integrations?: readonly Integration[]
  /** Seconds for which a call without an answer may still have its effect. Default 30, which the product never changes. */
  readonly callSeconds?: number
  /** Seconds between two polls for a due sweep. Default 15, which the product never changes. */
  readonly sweepPollSeconds?: number
}
