/** The interceptor of a run's calls: circuit, refused credentials and limits, in this order. */
import type { Clock } from '../base/clock.ts'
import type { Failure, RetryLater } from '../base/failure.ts'
import { type LimitKey, rateLimited, type RateLimitHeaders } from '../base/rate-limit.ts'
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
  /** Before the first call: throws if the run would only meet a limit or an open circuit. */
  start(): Promise<void>
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
}

export function createRunInterceptor(deps: RunInterceptorDeps, run: ClaimedRun): RunInterceptor {
  const { limits, credentials, circuits } = deps
  const permits = createPermits(run.waitedFor === 'rate_limit' || run.waitedFor === 'permit')
  const caller = { tenant: run.tenant.id, connection: run.connection.id }
  const counted = (call: LimitedCall) => countedCall(deps, caller, call)
  limits.know(run.limits, run.claimedAt)

  return {
    async start() {
      for (const destination of [pinpointNeeds.destination, run.integration]) {
        const comeBack = credentials.exhaustedUntil(accountOf(run, { destination }))
        if (comeBack !== undefined) throw mustWait({ bucket: `${destination}.refused calls` }, comeBack)
      }
      await circuits.admit(run)
      const needed = counted({ ...pinpointNeeds, host: URL.parse(run.tenant.apiUrl)?.host ?? '' }).limits
      const exhausted = limits.exhausted(run.connection.id).filter((limit) => !needed.includes(limit))
      for (const limit of exhausted) await permits.hold([limit], 1)
      // All that the hire needs of Pinpoint, or nothing: the next attempt would repeat half of it.
      await permits.hold(needed, callsOfHire(run.readsAfresh, run.tenant.refusedExtras))
    },
    enter: (call) => enter(call, permits.take),
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

/** The permits of one run: those taken at its start are used first. `reserved`: it comes back at its reserved time. */
function createPermits(reserved: boolean) {
  const held = new Map<SharedLimit, number>()

  async function takeOne(limit: SharedLimit): Promise<Date | undefined> {
    const own = held.get(limit) ?? 0
    if (own === 0) return limit.take({ calls: 1, reserved })
    held.set(limit, own - 1)
    return undefined
  }

  return {
    /** Throws when the permits are not available now. */
    async hold(limits: readonly SharedLimit[], calls: number): Promise<void> {
      const take = (limit: SharedLimit) => limit.take({ calls, reserved })
      const refused = await takeEach(limits, { take, giveBack: (limit) => limit.giveBack(calls) })
      if (refused !== undefined) throw mustWait(refused.limit.key, refused.comeBack)
      for (const limit of limits) held.set(limit, calls)
    },
    take: (limits: readonly SharedLimit[]) =>
      takeEach(limits, { take: takeOne, giveBack: (limit) => limit.giveBack(1) }),
    /** For a repetition: it leaves the permits that were taken at the start, and does not wait for one. */
    takeBeside: (limits: readonly SharedLimit[]) =>
      takeEach(limits, {
        take: (limit) => limit.take({ calls: 1, reserved: false, waits: false }),
        giveBack: (limit) => limit.giveBack(1),
      }),
    giveBack() {
      for (const [limit, calls] of held) limit.giveBack(calls)
      held.clear()
    },
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
}

export function createRunInterceptors(deps: RunInterceptorsDeps): (run: ClaimedRun) => RunInterceptor {
  const { clock, log, alerts, address } = deps
  const limits = createConnectionLimits({ store: deps.limits, clock, log })
  const credentials = createCredentialInterceptor(clock)
  const circuits = createCircuits({ store: deps.circuits, log, alerts })
  return (run) => createRunInterceptor({ limits, credentials, circuits, address }, run)
}
