/** The stores as one process reaches them: each call waits for its turn, and finds the database away when the weather is bad. */
import type { EventStore } from '../../src/intake/ports.ts'
import type { CircuitStore } from '../../src/limits/ports.ts'
import type { LimitStore } from '../../src/limits/ports.ts'
import type { RunAdmin } from '../../src/operator/operate.ts'
import { createDatabaseRetry, DatabaseAway } from '../../src/postgres/transaction.ts'
import type { JobQueue } from '../../src/queue/ports.ts'
import type { Journal, Ledger, RunStore } from '../../src/runs/ports.ts'
import type { DeclarationStore, TenantStore } from '../../src/tenants/ports.ts'
import type { MemoryStores } from '../support/memory/stores.ts'
import type { Random } from './random.ts'
import type { Actor, Scheduler } from './scheduler.ts'
import type { Weather } from './weather.ts'

export interface PortsDeps {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly weather: Weather
  readonly start: Date
  readonly stores: MemoryStores
  /** This actor is about to do, or has just done, what an accident would hurt most. */
  readonly inDanger: (actor: Actor) => void
}

export interface Ports {
  readonly queue: JobQueue
  readonly runs: RunStore
  readonly journal: Journal
  readonly ledger: Ledger
  readonly limits: LimitStore
  readonly circuits: CircuitStore
  readonly events: EventStore
  readonly tenants: Pick<TenantStore, 'openAll'>
  readonly runAdmin: RunAdmin
  readonly declarations: DeclarationStore
  takeOver(isGone: (worker: string) => boolean): Promise<number>
}

export function openPorts(deps: PortsDeps, actor: Actor): Ports {
  const { stores } = deps
  const does = <T>(what: string, act: () => Promise<T>) =>
    deps.scheduler.does(actor, what, () => underWeather(deps, act))
  // As src/app gives it to the stores of a worker: what it does may be done twice.
  const withDatabaseRetry = createDatabaseRetry(async () => {}, deps.scheduler.clockOf(actor))
  const patiently = <T>(what: string, act: () => Promise<T>) => withDatabaseRetry(() => does(what, act))
  const inTheLedger = <T>(what: string, act: () => Promise<T>) => {
    deps.inDanger(actor)
    return patiently(what, act)
  }
  const { queue, runs, journal, ledger, limits, circuits, runAdmin } = stores
  return {
    queue: {
      fetch: (count, choice) => does(`fetch ${count}`, () => queue.fetch(count, choice)),
      touch: (jobs) => does(`touch ${jobs.map(({ id }) => id).join(' ')}`, () => queue.touch(jobs)),
      drop: (job) => does(`drop ${job.id}`, () => queue.drop(job)),
      handBack: (jobs) => does(`hand back ${jobs.map(({ id }) => id).join(' ')}`, () => queue.handBack(jobs)),
    },
    runs: {
      claim: (job, worker) => patiently(`claim ${job.run} turn ${job.turn}`, () => runs.claim(job, worker)),
      settle: (lease, job, settlement) =>
        patiently(`settle ${lease.run} ${JSON.stringify(settlement)}`, () =>
          runs.settle(lease, job, settlement),
        ),
      alone: (lease) => patiently(`alone ${lease.run}`, () => runs.alone(lease)),
      letGo: (jobs) => does(`let go ${jobs.map(({ run }) => run).join(' ')}`, () => runs.letGo(jobs)),
    },
    journal: {
      write: (lease, step) =>
        patiently(`journal ${lease.run} ${step.title}`, () => journal.write(lease, step)),
    },
    ledger: {
      hold: (lease, name) =>
        inTheLedger(`hold ${name.kind} for ${lease.run}`, () => ledger.hold(lease, name)),
      attempt: (lease, id) => inTheLedger(`attempt ${id} of ${lease.run}`, () => ledger.attempt(lease, id)),
      notMade: (lease, id) => inTheLedger(`not made ${id} of ${lease.run}`, () => ledger.notMade(lease, id)),
      unclear: (lease, id, why) =>
        inTheLedger(`unclear ${id} of ${lease.run}`, () => ledger.unclear(lease, id, why)),
      exists: (lease, id) => inTheLedger(`exists ${id} of ${lease.run}`, () => ledger.exists(lease, id)),
      done: (lease, id, ensured) =>
        inTheLedger(`done ${id} of ${lease.run} ${JSON.stringify(ensured)}`, () =>
          ledger.done(lease, id, ensured),
        ),
      free: (lease, id) => inTheLedger(`free ${id} of ${lease.run}`, () => ledger.free(lease, id)),
    },
    limits: { swap: (key, change) => patiently(`count ${key.bucket}`, () => limits.swap(key, change)) },
    circuits: {
      open: (connection, failure) => does('open the circuit', () => circuits.open(connection, failure)),
      takeProbe: (connection) => patiently('ask the circuit', () => circuits.takeProbe(connection)),
      close: (connection) => does('close the circuit', () => circuits.close(connection)),
    },
    events: { record: (delivery) => does('record', () => stores.events.record(delivery)) },
    tenants: { openAll: () => deps.scheduler.does(actor, 'read tenants', () => stores.tenants.openAll()) },
    runAdmin: operatorsDesk(runAdmin, does),
    declarations: { change: (work) => does('apply', () => stores.declarations.change(work)) },
    takeOver: (isGone) => does('take over from the dead', () => stores.takeOver(isGone)),
  }
}

function operatorsDesk(
  runAdmin: RunAdmin,
  does: <T>(what: string, act: () => Promise<T>) => Promise<T>,
): RunAdmin {
  return {
    ...runAdmin,
    queueAgain: (id, from) => does(`resume ${id}`, () => runAdmin.queueAgain(id, from)),
    cancel: (id, from) => does(`cancel ${id}`, () => runAdmin.cancel(id, from)),
    replay: (event, integrations) => does(`replay ${event}`, () => runAdmin.replay(event, integrations)),
  }
}

/** Away before the statement, or after its commit: then it is done, and nobody was told. */
async function underWeather<T>(
  { scheduler, random, weather, start }: PortsDeps,
  act: () => Promise<T>,
): Promise<T> {
  const elapsed = scheduler.now().getTime() - start.getTime()
  const away = elapsed < weather.calmAfter && random.happens(weather.database)
  if (!away) return act()
  if (random.happens(0.5)) await act()
  throw new DatabaseAway(new Error('the connection is lost'))
}
