/** What the suites of this folder are given: the stores of the engine on an empty database, with one tenant and two connections. */
import type { ConnectionId, EventId } from '../../../src/base/ids.ts'
import type { HireReader } from '../../../src/hires/ports.ts'
import type { EventStore, QuotaLimits, Recorded, VerifiedDelivery } from '../../../src/intake/ports.ts'
import { readEvent } from '../../../src/intake/read-event.ts'
import type { CircuitStore } from '../../../src/limits/ports.ts'
import type { LimitStore } from '../../../src/limits/ports.ts'
import type { RunAdmin } from '../../../src/operator/operate.ts'
import type { Job, JobQueue } from '../../../src/queue/ports.ts'
import type { Journal, Ledger, RunStore } from '../../../src/runs/ports.ts'
import type { ClaimedRun, Settlement } from '../../../src/runs/run.ts'
import type { ConnectionStore, DeclarationStore, TenantStore } from '../../../src/tenants/ports.ts'
import { storedOf } from '../../support/recorded.ts'

export interface Stores {
  readonly queue: JobQueue
  readonly runs: RunStore
  readonly hires: HireReader
  readonly journal: Journal
  readonly ledger: Ledger
  readonly limits: LimitStore
  readonly circuits: CircuitStore
  readonly events: EventStore
  readonly runAdmin: RunAdmin
  readonly tenants: TenantStore
  readonly connections: ConnectionStore
  readonly declarations: DeclarationStore
  /** As a process does now and then: resumes what is parked until its connection changes, where that has happened. */
  resumeChanged(): Promise<number>
  takeOver(isGone: (worker: string) => boolean): Promise<number>
  /** The tenant `acme`, key `key`, with enabled connections of these two integrations. */
  readonly tenant: VerifiedDelivery['tenant']
  readonly connectionIds: { readonly hibob: ConnectionId; readonly webhook: ConnectionId }
  /** As when the event's time is over, and that of its runs, which have all ended. */
  prune(event: EventId): Promise<void>
  /** Begins of what was deferred what there is room for. */
  release(): Promise<void>
  /** As when a day has gone by since all that has begun. */
  letDayPass(): Promise<void>
  /** As when nothing was heard for longer than a heartbeat from the worker that has this job. */
  fallSilent(job: Job): Promise<void>
  /** Hands on the jobs of workers that have fallen silent, as the service does every few seconds. */
  supervise(): Promise<void>
  close(): Promise<void>
}

/** Opens a database of their own for each case. Without limits: nothing is over a quota. */
export type OpenStores = (limits?: QuotaLimits) => Promise<Stores>

/** Records a hire as intake would. */
export function hire(
  stores: Pick<Stores, 'events' | 'tenant'>,
  application: string,
  how: { readonly asked?: string; readonly at?: number; readonly stale?: boolean } = {},
): Promise<Recorded & { readonly event: EventId }> {
  return storedOf(deliver(stores, application, how))
}

/** The same of an event that may have been pruned. */
export function deliver(
  { events, tenant }: Pick<Stores, 'events' | 'tenant'>,
  application: string,
  {
    asked = '*',
    at = 1_614_687_278,
    stale = false,
  }: { readonly asked?: string; readonly at?: number; readonly stale?: boolean } = {},
): Promise<Recorded> {
  const data = { application: { id: Number(application) }, job: { id: 1 } }
  const body = Buffer.from(JSON.stringify({ event: 'application_hired', triggeredAt: at, data }))
  return events.record({ tenant, ...readEvent(body), asked, handledBy: ['hibob', 'webhook'], body, stale })
}

export interface Claimed {
  readonly job: Job
  readonly run: ClaimedRun
}

export async function claim({ runs }: Pick<Stores, 'runs'>, job: Job, worker = 'w'): Promise<Claimed> {
  const run = await runs.claim(job, worker)
  if (run === undefined) throw new Error('nothing to claim')
  return { job, run }
}

export async function onlyJob({ queue }: Pick<Stores, 'queue'>): Promise<Job> {
  const jobs = await queue.fetch(5)
  const [job] = jobs
  if (job === undefined || jobs.length > 1) throw new Error(`expected one job, there are ${jobs.length}`)
  return job
}

/** One hire for HiBob, and a worker that is on it. */
export async function hiredAndClaimed(stores: Stores, application = '1'): Promise<Claimed> {
  await hire(stores, application, { asked: 'hibob' })
  return claim(stores, await onlyJob(stores))
}

export const done: Settlement = { state: 'done', result: { did: 'created' } }

export const parked = {
  state: 'parked',
  code: 'hibob.hire_incomplete',
  reason: 'No start date.',
  fix: 'Set one.',
  resumesOn: 'connection',
  pausesConnection: false,
} as const

/** Until a moment ago unless told otherwise, so that the run is due at once. */
export function waiting(given: Partial<Settlement & { readonly state: 'waiting' }> = {}): Settlement {
  const nextAt = new Date(Date.now() - 1)
  return { state: 'waiting', code: 'x.down', reason: 'Down.', nextAt, kind: 'outage', ...given }
}

export const inAnHour = () => new Date(Date.now() + 3_600_000)

/** The twin in memory tells moments apart by milliseconds. */
export async function laterMoment(): Promise<void> {
  const now = Date.now()
  while (Date.now() === now) await Promise.resolve()
}
