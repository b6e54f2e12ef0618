/** All twins on one database in memory, as src/app puts the stores of Postgres together. */
import type { Clock } from '../../../src/base/clock.ts'
import type { HireReader } from '../../../src/hires/ports.ts'
import type { EventStore, QuotaLimits, Quotas } from '../../../src/intake/ports.ts'
import type { CircuitStore } from '../../../src/limits/ports.ts'
import type { LimitStore } from '../../../src/limits/ports.ts'
import type { RunAdmin } from '../../../src/operator/operate.ts'
import type { Journal, RunStore } from '../../../src/runs/ports.ts'
import type { ConnectionStore, DeclarationStore, TenantStore } from '../../../src/tenants/ports.ts'
import { createMemoryCircuitStore } from './circuits.ts'
import { createMemoryDatabase, type MemoryDatabase } from './database.ts'
import { createMemoryDeclarationStore } from './declarations.ts'
import { createMemoryEventStore } from './events.ts'
import { createMemoryHireReader } from './hires.ts'
import { createMemoryJournal, writeLine } from './journal.ts'
import { createMemoryLedger, type MemoryLedger } from './ledger.ts'
import { createMemoryLimitStore } from './limits.ts'
import { createMemoryQueue, type MemoryQueue } from './queue.ts'
import { resumeChanged } from './resume.ts'
import { createMemoryRunDesk } from './run-admin.ts'
import { createMemoryRunStore, takeOverInMemory } from './runs.ts'
import { createMemoryConnectionStore, createMemoryTenantStore } from './tenants.ts'

export interface MemoryStores {
  readonly database: MemoryDatabase
  readonly queue: MemoryQueue
  readonly runs: RunStore
  readonly hires: HireReader
  readonly journal: Journal
  readonly ledger: MemoryLedger
  readonly limits: LimitStore
  readonly circuits: CircuitStore
  readonly events: EventStore
  readonly quotas: Pick<Quotas, 'release'>
  readonly runAdmin: RunAdmin
  readonly tenants: TenantStore
  readonly connections: ConnectionStore
  readonly declarations: DeclarationStore
  /** Resumes what is parked until its connection changes, where that has happened. */
  resumeChanged(): Promise<number>
  /** Hands on the runs of workers that are gone; answers how many. */
  takeOver(isGone: (worker: string) => boolean): Promise<number>
}

export function createMemoryStores(clock: Clock, limits?: QuotaLimits): MemoryStores {
  const database = createMemoryDatabase(clock)
  const queue = createMemoryQueue(database)
  const { runs } = database
  const events = createMemoryEventStore(database, queue, limits)
  return {
    database,
    queue,
    runs: createMemoryRunStore(database, queue),
    hires: createMemoryHireReader(database),
    journal: createMemoryJournal(database),
    ledger: createMemoryLedger(clock, {
      state: (id) => runs.get(id)?.state,
      resumedAt: (id) => runs.get(id)?.resumedAt,
      holds: (lease) => runs.get(lease.run)?.lease === lease.token,
      subject: (id) => runs.get(id)?.subject,
      decisionBefore: (id) => runs.get(id)?.decision?.before,
      tell: (lease, line, mappingVersion) => writeLine(database, lease, { ...line, mappingVersion }),
    }),
    limits: createMemoryLimitStore(database),
    circuits: createMemoryCircuitStore(database, queue),
    events,
    quotas: events.quotas,
    runAdmin: createMemoryRunDesk(database, queue),
    tenants: createMemoryTenantStore(database),
    connections: createMemoryConnectionStore(database),
    declarations: createMemoryDeclarationStore(database),
    resumeChanged: () => resumeChanged({ database, queue }),
    takeOver: (isGone) => takeOverInMemory(database, queue, isGone),
  }
}
