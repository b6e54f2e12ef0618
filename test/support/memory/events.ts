/** The event store in memory: the twin of src/intake/store/deliveries.ts. */
import type { EventId, RunId } from '../../../src/base/ids.ts'
import { stalePark } from '../../../src/intake/freshness.ts'
import type { EventStore, QuotaLimits, Quotas, VerifiedDelivery } from '../../../src/intake/ports.ts'
import {
  addHistory,
  type MemoryDatabase,
  type StoredConnection,
  type StoredDeferral,
  type StoredEvent,
  type StoredRun,
} from './database.ts'
import type { MemoryQueue } from './queue.ts'
import { createMemoryQuotas } from './quotas.ts'

export interface MemoryEventStore extends EventStore {
  readonly quotas: Pick<Quotas, 'release'>
}

export function createMemoryEventStore(
  database: MemoryDatabase,
  queue: MemoryQueue,
  limits: QuotaLimits = { eventsPerDay: Infinity, unfinishedRuns: Infinity },
): MemoryEventStore {
  const quotas = createMemoryQuotas(database, limits, (deferral) => begin(deferral))

  function begin({ event: id, integrations, stale }: StoredDeferral): number {
    const event = database.events.get(id)
    if (event === undefined) return 0
    const runs = startRuns(database, event, { integrations, how: stale ? stalePark : {} })
    const due = stale ? [] : runs
    queue.send(due.map(({ id: run, connection }) => ({ run, turn: 1, connection })))
    quotas.count(event.tenant)
    return runs.length
  }

  function beginOrDefer(deferral: StoredDeferral): number {
    if (deferral.integrations.length === 0 || !quotas.isOver(deferral.tenant)) return begin(deferral)
    quotas.defer(deferral)
    return connectionsOf(database, deferral).length
  }

  return {
    quotas,
    async record(delivery) {
      const identity = delivery.identity.toString('hex')
      const before = [...database.events.values()].find(
        (event) => event.tenant === delivery.tenant.id && event.identity === identity,
      )
      if (before === undefined && database.tombstones.has(`${delivery.tenant.id} ${identity}`))
        return { event: undefined, duplicate: true, runs: 0 }
      const event = before ?? addEvent(database, delivery, identity)
      const asked = before === undefined ? [delivery.asked] : askAgain(before, delivery.asked)
      const wanted = asked.includes('*')
        ? delivery.handledBy
        : delivery.handledBy.filter((name) => asked.includes(name))
      const runs = beginOrDefer({
        tenant: event.tenant,
        event: event.id,
        integrations: wanted,
        stale: delivery.stale === true,
      })
      return { event: event.id, duplicate: before !== undefined && runs === 0, runs }
    },
  }
}

function addEvent(database: MemoryDatabase, delivery: VerifiedDelivery, identity: string): StoredEvent {
  const event = {
    id: database.nextId('evt') as EventId,
    tenant: delivery.tenant.id,
    name: delivery.name,
    subject: delivery.subject,
    triggeredAt: delivery.triggeredAt,
    identity,
    receivedAt: database.clock.now(),
    asked: [delivery.asked],
    deliveries: 1,
  }
  database.events.set(event.id, event)
  return event
}

/** Counts the delivery, and answers what was not asked for before. */
function askAgain(event: StoredEvent, asked: string): readonly string[] {
  event.deliveries += 1
  if (event.asked.includes('*') || asked === '*' || event.asked.includes(asked)) return []
  event.asked = [...event.asked, asked]
  return [asked]
}

/** A run for each enabled connection that handles the event and was asked for, unless it has one. */
function startRuns(
  database: MemoryDatabase,
  event: StoredEvent,
  {
    integrations,
    how,
  }: { readonly integrations: readonly string[]; readonly how: Partial<typeof stalePark> },
): readonly StoredRun[] {
  return connectionsOf(database, { tenant: event.tenant, integrations }).flatMap(
    ({ id: connection, integration }) => {
      const id = `run_${event.id.slice(4)}_${integration}` as RunId
      return database.runs.has(id)
        ? []
        : [
            addRun(database, event, {
              ...{ id, connection, integration, generation: 0, reason: '' },
              ...how,
            }),
          ]
    },
  )
}

function connectionsOf(
  database: MemoryDatabase,
  { tenant, integrations }: Pick<StoredDeferral, 'tenant' | 'integrations'>,
): readonly StoredConnection[] {
  return [...database.connections.values()].filter(
    (one) => one.tenant === tenant && one.enabled && integrations.includes(one.integration),
  )
}

export function addRun(
  database: MemoryDatabase,
  event: StoredEvent,
  {
    reason,
    ...made
  }: Pick<
    StoredRun,
    'id' | 'connection' | 'integration' | 'generation' | 'resumedAt' | 'nextAt' | 'followUpSince'
  > &
    Partial<Pick<StoredRun, 'state' | 'code' | 'fix' | 'resumesOn'>> & {
      readonly reason: string
    },
): StoredRun {
  const now = database.clock.now()
  const run: StoredRun = {
    state: 'queued',
    ...made,
    ...(made.state === 'parked' && { reason }),
    tenant: event.tenant,
    event: event.id,
    subject: event.subject ?? '',
    createdAt: now,
    updatedAt: now,
    turn: 1,
    attempt: 0,
    failures: 0,
    takeovers: 0,
  }
  database.runs.set(run.id, run)
  addHistory(database, run, reason)
  return run
}
