/** The processes of the service: intake and workers, put together as src/app does it, on the twins and the simulated network. */
import { defaultAddress } from '../../src/base/rate-limit.ts'
import { createTenantDirectory } from '../../src/intake/directory.ts'
import { createReceive, type Receive } from '../../src/intake/receive.ts'
import { integrations } from '../../src/integrations/registry.ts'
import { createRunInterceptors } from '../../src/limits/run-interceptor.ts'
import type { Log } from '../../src/observe/log.ts'
import { createOutbound } from '../../src/outbound/outbound.ts'
import { createFingerprint } from '../../src/parking/fingerprint.ts'
import { createParking } from '../../src/parking/parked.ts'
import type { Job } from '../../src/queue/ports.ts'
import type { Settlement } from '../../src/runs/run.ts'
import type { Integration } from '../../src/sdk/integration.ts'
import { createCachedReads } from '../../src/worker/cached-reads.ts'
import { createHeldFiles } from '../../src/worker/held-files.ts'
import { createPerform } from '../../src/worker/perform.ts'
import { createSharedHires } from '../../src/worker/shared-hires.ts'
import { startWorker, type Worker } from '../../src/worker/worker.ts'
import type { Network } from './network.ts'
import { openPorts, type Ports, type PortsDeps } from './ports.ts'
import type { Actor } from './scheduler.ts'

export interface ProcessDeps extends PortsDeps {
  readonly network: Network
  readonly onSettled: (run: string, settlement: Settlement) => void
  /** Takes a guard out, to see that the simulation notices. */
  readonly weaken: (ports: Ports) => Ports
  /** What must never be logged was logged. */
  readonly integrations: readonly Integration[]
  readonly onBug: (text: string) => void
  readonly logged: (line: string) => void
}

export interface WorkerProcess {
  readonly actor: Actor
  readonly worker: Worker
}

export const handlers: ReadonlyMap<string, readonly string[]> = new Map(
  integrations.map(({ name, on }) => [name, Object.keys(on)]),
)

export interface Start {
  readonly name: string
  readonly skew: number
  readonly concurrency: number
}

/** A worker that holds no job and has none to take may look late: its timers need not stop time. */
export function startWorkerProcess(deps: ProcessDeps, { name, skew, concurrency }: Start): WorkerProcess {
  const { scheduler, random, stores } = deps
  const actor = scheduler.actor(name, skew)
  const clock = scheduler.clockOf(actor)
  const ports = deps.weaken(openPorts(deps, actor))
  const log = logOf(deps, actor)
  const chance = () => random.next()
  const agent = deps.network.agentOf(actor)
  const outbound = createOutbound({ allowPrivateNetwork: true, clock, agent, chance })
  const cached = createCachedReads(clock)
  const held = new Set<Job>()
  const idle = () => {
    for (const job of held) if (!stores.queue.isHeld(job)) held.delete(job)
    const due = stores.queue.nextDue()
    return held.size === 0 && (due === undefined || due > scheduler.now())
  }
  const worker = startWorker({
    queue: {
      ...ports.queue,
      async fetch(count, choice) {
        const jobs = await ports.queue.fetch(count, choice)
        for (const job of jobs) held.add(job)
        return jobs
      },
    },
    runs: ports.runs,
    perform: createPerform({
      integrations: new Map(deps.integrations.map((one) => [one.name, one])),
      journal: ports.journal,
      ledger: ports.ledger,
      parking: createParking({ fingerprint, ledger: ports.ledger, clock, log }),
      clock,
      log,
      files: createHeldFiles({ download: outbound.download, clock }),
      openInterceptor: createRunInterceptors({
        limits: ports.limits,
        circuits: ports.circuits,
        alerts: { raise: (kind, fields) => scheduler.say(actor, `ALERT ${kind} ${JSON.stringify(fields)}`) },
        clock,
        log,
        address: defaultAddress,
      }),
      openHttp: (interceptor, counting) => outbound.openHttp(interceptor, { readOnly: false, ...counting }),
      cached: ({ connection, readsAfresh: afresh }) =>
        cached(`${connection.id} ${connection.revision}`, { afresh }),
      cachedJobs: ({ tenant, readsAfresh: afresh }) => cached(`${tenant.id} ${tenant.apiUrl}`, { afresh }),
      refusedExtras: {
        note: async (tenant, refused) => void stores.database.refusedExtras.set(tenant, refused),
      },
      sharedHires: createSharedHires(clock),
      chance,
    }),
    clock: scheduler.clockOf(actor, () => !stopping && idle()),
    log,
    concurrency,
    name,
    onSettled: ({ lease }, settlement) => deps.onSettled(lease.run, settlement),
  })
  let stopping = false
  listen(deps, actor, { channel: stores.database.told.work, hear: () => worker.wake() })
  return {
    actor,
    worker: {
      ...worker,
      async stop(graceSeconds) {
        stopping = true
        return worker.stop(graceSeconds)
      },
    },
  }
}

const fingerprint = createFingerprint(Buffer.alloc(32))
/** Refused deliveries are not in the simulation. */
const quarantine = { refused: () => undefined, verified: () => undefined }

export interface IntakeProcess {
  readonly actor: Actor
  readonly receive: Receive
}

export function startIntakeProcess(
  deps: ProcessDeps,
  { name, skew }: Omit<Start, 'concurrency'>,
): IntakeProcess {
  const actor = deps.scheduler.actor(name, skew)
  const ports = openPorts(deps, actor)
  const clock = deps.scheduler.clockOf(actor)
  const tenants = createTenantDirectory({ store: ports.tenants, clock })
  listen(deps, actor, { channel: deps.stores.database.told.tenants, hear: () => tenants.invalidate() })
  return { actor, receive: createReceive({ tenants, events: ports.events, handlers, quarantine, clock }) }
}

/** A notification comes a little later, or not at all. */
function listen(
  deps: ProcessDeps,
  actor: Actor,
  { channel, hear }: { readonly channel: Set<() => void>; readonly hear: () => void },
): void {
  const told = () => {
    if (actor.state === 'gone') channel.delete(told)
    else if (!deps.random.happens(deps.weather.notifications)) {
      void deps.scheduler.does(actor, 'is notified', hear)
    }
  }
  channel.add(told)
}

function logOf({ scheduler, onBug, logged }: ProcessDeps, actor: Actor): Log {
  const note = (fields: object, message: string) => logged(`${message} ${JSON.stringify(fields)}`)
  const say = (fields: object, message: string) => {
    note(fields, message)
    scheduler.say(actor, `${message} ${JSON.stringify(fields)}`)
    if (message === 'bug in a run') onBug(`${actor.name}: ${JSON.stringify(fields)}`)
  }
  return { debug: note, info: note, warn: say, error: say }
}
