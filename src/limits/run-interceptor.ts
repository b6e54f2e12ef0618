/** The interceptor of a run's calls: circuit, refused credentials and limits, in this order. */
import type { Clock } from '../base/clock.ts'
import type { Failure, RetryLater } from '../base/failure.ts'
import { type DeclaredLimits, type LimitKey, rateLimited, type RateLimitHeaders } from '../base/rate-limit.ts'
import type { Alerts } from '../observe/alerts.ts'
import type { Log } from '../observe/log.ts'
import { callsOfHire, pinpointNeeds } from '../pinpoint/client.ts'
import type { ClaimedRun } from '../runs/run.ts'
import { type Circuits, createCircuits } from './circuit.ts'
import { type ConnectionLimits, createConnectionLimits } from './connection-limits.ts'
import { countedCall, type LimitedCall, takeEach } from './counted-call.ts'
import type { CircuitStore, LimitStore } from './ports.ts'
import { createCredentialInterceptor, type CredentialInterceptor } from './refused-credentials.ts'
import type { SharedLimit } from './shared-limit.ts'

interface Call extends LimitedCall {
  readonly effect?: boolean
}

interface CallOutcome {
  readonly status: number
  readonly failure?: Failure
}

export interface CallEnd extends CallOutcome, RateLimitHeaders {}

interface Permit {
  ended(end: CallEnd): Promise<Date | undefined>
}

export interface RunInterceptor {
  /**
   * Before the first call: throws if the run would only meet a limit or an open circuit. `first`: the bucket of its first call to its
   * own destination.
   */
  start(first?: string): Promise<void>
  /** A date: not before then. Throws when the call must not be made at all. */
  enter(call: Call): Promise<Permit | Date>
  /** To repeat a read that failed a moment ago. Undefined: not now. */
  repeat(call: Call): Promise<Permit | undefined>
  /** After a call and its repetitions. */
  answered(call: Call, outcome: CallOutcome): Promise<void>
  /** After the last call. */
  finish(): void
}

export interface RunInterceptorDeps {
  readonly limits: ConnectionLimits
  readonly credentials: CredentialInterceptor
  readonly circuits: Circuits
  /** Names the IP address of this process: processes of one name share the limits per address. */
  readonly address: string
  /** Default: those that Pinpoint documents. */
  readonly pinpointLimits?: DeclaredLimits | undefined
}

function callsOf({ readsAfresh, tenant, connection }: ClaimedRun): number {
  return callsOfHire(readsAfresh, tenant.refusedExtras, connection.writeBack !== undefined)
}

export function createRunInterceptor(deps: RunInterceptorDeps, run: ClaimedRun): RunInterceptor {
  const { limits, credentials, circuits, pinpointLimits = pinpointNeeds.limits } = deps
  const reserved = run.waitedFor === 'rate_limit' || run.waitedFor === 'permit'
  const permits = createPermits({ reserved, since: run.event.receivedAt.getTime() })
  const caller = { tenant: run.tenant.id, connection: run.connection.id }
  const counted = (call: LimitedCall) => countedCall(deps, caller, call)
  limits.know(run.limits, run.claimedAt)

  return {
    async start(first) {
      for (const destination of [pinpointNeeds.destination, run.integration]) {
        const comeBack = credentials.exhaustedUntil(accountOf(run, { destination }))
        if (comeBack !== undefined) throw mustWait({ bucket: `${destination}.refused calls` }, comeBack)
      }
      await circuits.admit(run)
      const host = URL.parse(run.tenant.apiUrl)?.host ?? ''
      const needed = counted({ ...pinpointNeeds, limits: pinpointLimits, host }).limits
      const own = limits.known(run.connection.id).filter((limit) => !needed.includes(limit))
      const isFirst = ({ key }: SharedLimit) => key.bucket === `${run.integration}.${first}`
      // All that the hire needs before it makes anything, or nothing: the next attempt would repeat half of it.
      await permits.hold([
        ...own.filter((limit) => isFirst(limit) || limit.isExhausted()).map((limit) => ({ limit, calls: 1 })),
        ...needed.map((limit) => ({ limit, calls: callsOf(run) })),
      ])
    },
    async enter(call) {
      const permit = await enter(call, permits.take)
      if (!(permit instanceof Date)) circuits.sent(run, { effect: false, ...call })
      return permit
    },
    async repeat(call) {
      if (!circuits.mayRepeat(run, call.destination)) return undefined
      const permit = await enter(call, permits.takeBeside)
      return permit instanceof Date ? undefined : permit
    },
    answered: ({ destination, effect = false }, { status, failure }) =>
      circuits.answered(run, { destination, effect, status, failure }),
    finish() {
      permits.giveBack()
    },
  }

  async function enter(call: Call, take: typeof permits.take): Promise<Permit | Date> {
    const release = await credentials.enter(accountOf(run, call), call)
    if (release instanceof Date) return release
    const countedNow = counted(call)
    const refused = await take(countedNow.limits).catch((error: unknown) => {
      release(0)
      throw error
    })
    if (refused !== undefined) {
      release(0)
      return refused.comeBack
    }
    const answered = countedNow.start()
    return {
      async ended({ status, failure, ...headers }) {
        release(status, failure)
        return answered(headers)
      },
    }
  }
}

/** Whoever has waited and finds nothing comes back so much before the next window: it goes before those whose window that is. */
const aheadMilliseconds = 1000

/** An attempt under way waits longer than one that has called nothing: the next one would make all of its calls again. */
const underWayMilliseconds = 8000

interface Need {
  readonly limit: SharedLimit
  readonly calls: number
}

/** The permits of one run: those taken at its start are used first. `reserved`: it comes back at its reserved time. */
function createPermits(as: { readonly reserved: boolean; readonly since: number }) {
  const held = new Map<SharedLimit, number>()

  async function takeOne(limit: SharedLimit): Promise<Date | undefined> {
    const own = held.get(limit) ?? 0
    if (own === 0) return limit.takeSoon({ ...as, calls: 1 }, underWayMilliseconds)
    held.set(limit, own - 1)
    return undefined
  }

  return {
    /** Throws when the permits are not available now: then it has none. */
    async hold(needs: readonly Need[]): Promise<void> {
      // What is exhausted comes first: the others are not asked in vain.
      const order = [...needs].sort((a, b) => Number(b.limit.isExhausted()) - Number(a.limit.isExhausted()))
      for (const { limit, calls } of order) {
        const comeBack = await limit.takeSoon({ ...as, calls })
        if (comeBack !== undefined) {
          giveBack()
          const others = order.filter((need) => need.limit !== limit)
          throw mustWait(limit.key, await placeIn(others, comeBack))
        }
        held.set(limit, calls)
      }
    },
    take: (limits: readonly SharedLimit[]) =>
      takeEach(limits, { take: takeOne, giveBack: (limit) => limit.giveBack(1) }),
    /** For a repetition: it leaves the permits that were taken at the start, and takes no place in a queue. */
    takeBeside: (limits: readonly SharedLimit[]) =>
      takeEach(limits, {
        take: (limit) => limit.takeSoon({ calls: 1, reserved: false, waits: false }),
        giveBack: (limit) => limit.giveBack(1),
      }),
    giveBack,
  }

  function giveBack(): void {
    for (const [limit, calls] of held) limit.giveBack(calls)
    held.clear()
  }

  /** Each limit counts who waits, at its own pace: the run comes back when the slowest has a place for it. */
  async function placeIn(needs: readonly Need[], comeBack: Date): Promise<Date> {
    const places = await Promise.all(
      needs.map(({ limit, calls }) => limit.take({ ...as, calls, later: true })),
    )
    const at = Math.max(comeBack.getTime(), ...places.map((place) => place?.getTime() ?? 0))
    return new Date(as.reserved ? at - aheadMilliseconds : at)
  }
}

function mustWait({ bucket: name }: Pick<LimitKey, 'bucket'>, comeBack: Date): RetryLater {
  const [destination = '', ...rest] = name.split('.')
  const bucket = rest.join('.')
  return rateLimited({ destination, bucket }, comeBack, { kind: 'permit', details: { destination, bucket } })
}

/** Pinpoint's key is the tenant's, whichever connection uses it; all other credentials are the connection's. */
function accountOf(run: ClaimedRun, { destination }: Pick<Call, 'destination'>): string {
  const owner = destination === pinpointNeeds.destination ? run.tenant.id : run.connection.id
  return `${owner} ${destination} ${run.connection.revision}`
}

export interface RunInterceptorsDeps {
  readonly limits: LimitStore
  readonly circuits: CircuitStore
  readonly alerts: Alerts
  readonly clock: Clock
  readonly log: Log
  /** Names the IP address of this process. */
  readonly address: string
  readonly pinpointLimits?: DeclaredLimits
}

export function createRunInterceptors(deps: RunInterceptorsDeps): (run: ClaimedRun) => RunInterceptor {
  const { clock, log, alerts, address, pinpointLimits } = deps
  const limits = createConnectionLimits({ store: deps.limits, clock, log })
  const credentials = createCredentialInterceptor(clock)
  const circuits = createCircuits({ store: deps.circuits, log, alerts })
  return (run) => createRunInterceptor({ limits, credentials, circuits, address, pinpointLimits }, run)
}
