/** What stands between one run and the outside: circuit, refused credentials and limits, in this order. */
import type { Failure, RetryLater } from '../base/failure.ts'
import { type DeclaredLimits, rateLimited, type Told } from '../base/rate-limit.ts'
import { pinpointNeeds } from '../pinpoint/client.ts'
import type { Circuits } from './circuit.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import type { LimitKey } from './limit-store.ts'
import type { CredentialGate } from './refused-credentials.ts'
import type { ClaimedRun } from './run.ts'
import type { SharedLimit } from './shared-limit.ts'

interface Call {
  readonly destination: string
  readonly bucket: string
  readonly effect?: boolean
  readonly host: string
  readonly limits?: DeclaredLimits | undefined
}

interface CallEnd extends Told {
  readonly status: number
  readonly failure?: Failure
}

export interface RunGate {
  /** Before the first call: throws when the run would only run into a limit or an open circuit. */
  start(): Promise<void>
  /** A date: not before then. Throws when the call must not be made at all. */
  enter(call: Call): Promise<{ ended(end: CallEnd): Promise<Date | undefined> } | Date>
  /** After the last call. */
  finish(): void
}

export interface RunGateDeps {
  readonly limits: ConnectionLimits
  readonly credentials: CredentialGate
  readonly circuits: Circuits
  /** Names the IP address that this process calls from: processes of one name share what is counted per address. */
  readonly address: string
}

export function createRunGate(deps: RunGateDeps, run: ClaimedRun): RunGate {
  const { limits, credentials, circuits } = deps
  const promised = run.waitedFor === 'rate_limit' || run.waitedFor === 'permit'
  /** Permits taken at the start, by limit. */
  const held = new Map<SharedLimit, number>()
  limits.know(run.limits, run.claimedAt)

  /** Throws when they are not to be had now. */
  async function hold(limit: SharedLimit, calls: number): Promise<void> {
    const comeBack = await limit.take({ calls, promised })
    if (comeBack !== undefined) throw mustWait(limit.key, comeBack)
    held.set(limit, calls)
  }

  async function permitted(limit: SharedLimit): Promise<Date | undefined> {
    const own = held.get(limit) ?? 0
    if (own === 0) return limit.take({ calls: 1, promised })
    held.set(limit, own - 1)
    return undefined
  }

  return {
    async start() {
      for (const destination of [pinpointNeeds.destination, run.integration]) {
        const comeBack = credentials.restsUntil(accountOf(run, { destination }))
        if (comeBack !== undefined) throw mustWait({ bucket: `${destination}.refused calls` }, comeBack)
      }
      await circuits.admit(run)
      for (const limit of limits.resting(run.connection.id)) await hold(limit, 1)
      // All that the hire needs of Pinpoint, or nothing: half of it would be asked for again at the next try.
      await hold(limits.of(keyOf(deps, run, pinpointNeeds)), pinpointNeeds.calls)
    },
    async enter(call) {
      const passed = await credentials.enter(accountOf(run, call), call)
      if (passed instanceof Date) return passed
      const limit = limits.of(keyOf(deps, run, call))
      const comeBack = await permitted(limit).catch((error: unknown) => {
        passed(0)
        throw error
      })
      if (comeBack !== undefined) {
        passed(0)
        return comeBack
      }
      const answered = limit.begin(call.limits?.windows ?? [])
      return {
        async ended({ status, failure, ...told }) {
          passed(status, failure)
          const { destination, effect = false } = call
          await circuits.answered(run, { destination, effect, status, failure })
          return answered(told)
        },
      }
    },
    finish() {
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

function keyOf(
  { address }: RunGateDeps,
  run: ClaimedRun,
  { destination, bucket: name, limits }: Pick<Call, 'destination' | 'bucket' | 'limits'>,
): LimitKey {
  const bucket = `${destination}.${name}`
  return limits?.countedBy === 'address'
    ? { scope: addressScope(address), connection: undefined, bucket }
    : { scope: run.connection.id, connection: run.connection.id, bucket }
}

/** All processes of an installation are taken to share one address unless they are told otherwise. */
export const defaultAddress = 'shared'

export const addressScope = (address: string) => `address:${address}`

/** Pinpoint's key is the tenant's, whichever connection uses it; all others are the connection's. */
function accountOf(run: ClaimedRun, { destination }: Pick<Call, 'destination'>): string {
  const owner = destination === pinpointNeeds.destination ? run.tenant.id : run.connection.id
  return `${owner} ${destination} ${run.connection.revision}`
}
