/**
 * Hires that wait for limits: the interceptor of runs with its arithmetic, a queue that hands out what is due once a second, and
 * destinations that count, all on one virtual clock.
 */
import type { ConnectionId, RunId, TenantId } from '../../src/base/ids.ts'
import {
  type DeclaredWindow,
  defaultAddress,
  type KnownLimit,
  unknownBudget,
} from '../../src/base/rate-limit.ts'
import { rateLimited } from '../../src/base/rate-limit.ts'
import type { LimitStore } from '../../src/limits/ports.ts'
import { createRunInterceptors, type RunInterceptor } from '../../src/limits/run-interceptor.ts'
import { silentLog } from '../../src/observe/log.ts'
import { pinpointNeeds } from '../../src/pinpoint/client.ts'
import type { ClaimedRun } from '../../src/runs/run.ts'
import { settlementOf } from '../../src/worker/settlement.ts'
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts'
import { countingServer } from './simulated.ts'

export interface QueueOptions {
  readonly hires: number
  readonly slots: number
  /** What HiBob allows for its search, and for its create. */
  readonly hibob: DeclaredWindow
  /** Where Pinpoint is. Its own hosts count as documented. */
  readonly apiUrl: string
  readonly tenants?: number
  /** Milliseconds that a call takes. */
  readonly callMilliseconds?: number
  readonly chance: () => number
}

export interface HireOfQueue {
  readonly number: number
  readonly tenant: number
  attempts: number
  /** Calls of attempts that had to go back to the queue. */
  wasted: number
  doneAt: number | undefined
}

interface Waiting {
  readonly hire: HireOfQueue
  readonly at: number
  readonly waitedFor: ClaimedRun['waitedFor']
}

/** The first hire shows the limits; the others come when its window is over, in seconds. */
export const queuedAfter = 65

const toldInHeaders = { aligned: false, shape: 'epoch', skew: 0, silentEvery: 1_000_000 } as const

export async function queueHires(options: QueueOptions) {
  const { hires: count, slots, hibob, apiUrl, tenants = 1, callMilliseconds = 200, chance } = options
  const clock = createVirtualClock()
  const store = storeOf(clock)
  const openInterceptor = createRunInterceptors({
    limits: store,
    circuits: { open: async () => false, takeProbe: async () => 'closed', close: async () => undefined },
    alerts: { raise: () => {} },
    clock,
    log: silentLog,
    address: defaultAddress,
  })
  const pinpoint = countingServer(clock, {
    windows: pinpointNeeds.limits.windows,
    ...toldInHeaders,
    shape: 'only-429',
  })
  const servers = new Map(
    Array.from({ length: tenants }, (_, tenant) =>
      ['search', 'create'].map(
        (bucket) =>
          [`${tenant} ${bucket}`, countingServer(clock, { windows: [hibob], ...toldInHeaders })] as const,
      ),
    ).flat(),
  )
  const isCounted = apiUrl.includes('.pinpointhq.com/')
  const start = clock.now().getTime()
  const hires = Array.from({ length: count }, (_, number): HireOfQueue => ({
    number,
    tenant: number % tenants,
    attempts: 0,
    wasted: 0,
    doneAt: undefined,
  }))
  let queue: Waiting[] = hires.map((hire) => ({
    hire,
    at: hire.number === 0 ? start : start + queuedAfter * 1000,
    waitedFor: undefined,
  }))
  let working = 0
  let refused = 0

  async function call(interceptor: RunInterceptor, hire: HireOfQueue, bucket: 'api' | 'search' | 'create') {
    const isPinpoint = bucket === 'api'
    const destination = isPinpoint ? 'pinpoint' : 'hibob'
    const host = isPinpoint ? new URL(apiUrl).host : 'api.hibob.com'
    const limits = isPinpoint ? pinpointNeeds.limits : undefined
    const permit = await interceptor.enter({ destination, bucket, host, limits, effect: bucket === 'create' })
    if (permit instanceof Date) {
      throw rateLimited({ destination, bucket }, permit, { kind: 'permit', details: {} })
    }
    await clock.sleep(callMilliseconds / 2)
    const server = isPinpoint ? isCounted && pinpoint : servers.get(`${hire.tenant} ${bucket}`)
    const told = server === false ? {} : (server?.call() ?? {})
    await clock.sleep(callMilliseconds / 2)
    const status = told.retryInSeconds === undefined ? 200 : 429
    const until = await permit.ended({ status, ...told })
    if (status === 200) return
    refused++
    throw rateLimited({ destination, bucket }, until ?? clock.now(), { kind: 'rate_limit', details: {} })
  }

  async function attempt({ hire, waitedFor }: Waiting): Promise<void> {
    hire.attempts++
    let calls = 0
    const interceptor = openInterceptor(claimed(hire, { waitedFor, apiUrl, store, clock }))
    try {
      await interceptor.start('search')
      for (const bucket of ['api', 'search', 'create', 'api'] as const) {
        await call(interceptor, hire, bucket)
        calls++
      }
      hire.doneAt = clock.now().getTime() - start
    } catch (error) {
      const settled = settlementOf(
        error,
        { failures: 0, firstFailedAt: undefined },
        { now: clock.now(), chance: chance() },
      )
      if (settled.state !== 'waiting') throw error
      hire.wasted += calls
      queue.push({ hire, at: settled.nextAt.getTime(), waitedFor: settled.kind })
    } finally {
      interceptor.finish()
    }
  }

  /** As the worker: once a second, and as soon as a slot is free. */
  function takeDue(): void {
    for (const waiting of queue.filter(({ at }) => at <= clock.now().getTime()).slice(0, slots - working)) {
      queue = queue.filter((other) => other !== waiting)
      working++
      void attempt(waiting).finally(() => {
        working--
        takeDue()
      })
    }
  }

  void (async () => {
    for (;;) {
      takeDue()
      await clock.sleep(1000)
    }
  })()
  const undone = () => hires.some(({ doneAt }) => doneAt === undefined)
  for (let minutes = 1; undone() && minutes < 600; minutes++) {
    await clock.runUntil(new Date(start + minutes * 60_000))
  }
  return {
    hires,
    refused: () => refused,
    seconds: Math.max(...hires.map(({ doneAt = NaN }) => doneAt)) / 1000,
  }
}

function claimed(
  hire: HireOfQueue,
  {
    waitedFor,
    apiUrl,
    store,
    clock,
  }: Pick<Waiting, 'waitedFor'> & {
    readonly apiUrl: string
    readonly store: ReturnType<typeof storeOf>
    readonly clock: VirtualClock
  },
): ClaimedRun {
  const tenant = `ten_${hire.tenant}` as TenantId
  const connection = `con_${hire.tenant}` as ConnectionId
  return {
    lease: { run: `run_${hire.number}` as RunId, token: 't' },
    tenant: { id: tenant, slug: tenant, apiUrl, refusedExtras: [] },
    integration: 'hibob',
    event: { receivedAt: new Date(hire.number) },
    connection: { id: connection, revision: 1 },
    limits: store.known().filter(({ key }) => [tenant, connection, 'address:shared'].includes(key.scope)),
    claimedAt: clock.now(),
    waitedFor,
    readsAfresh: false,
  } as unknown as ClaimedRun
}

function storeOf(clock: VirtualClock): LimitStore & { readonly known: () => readonly KnownLimit[] } {
  const rows = new Map<string, KnownLimit>()
  return {
    known: () => [...rows.values()],
    async swap(key, { from, budget }) {
      await clock.sleep(2)
      const name = `${key.scope} ${key.bucket}`
      const row = rows.get(name) ?? { key, version: 0, budget: unknownBudget }
      const written = row.version === from
      const stored = written ? { key, version: from + 1, budget: structuredClone(budget) } : row
      rows.set(name, stored)
      const at = clock.now()
      await clock.sleep(2)
      return { written, stored, at }
    },
  }
}
