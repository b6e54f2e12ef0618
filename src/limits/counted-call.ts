/** One call and all of its limits: takes a permit of each before, and gives its answer to each. */
import type { ConnectionId, TenantId } from '../base/ids.ts'
import {
  addressScope,
  type DeclaredLimits,
  type LimitKey,
  type RateLimitHeaders,
} from '../base/rate-limit.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import type { SharedLimit } from './shared-limit.ts'

export interface CountedCall {
  readonly limits: readonly SharedLimit[]
  /** The call is sent. The returned function takes the rate-limit headers of its answer, and returns until when they exhaust a limit. */
  readonly start: () => (headers: RateLimitHeaders) => Promise<Date | undefined>
}

export function countedCall(
  { limits: all, address }: { readonly limits: ConnectionLimits; readonly address: string },
  caller: Caller,
  call: LimitedCall,
): CountedCall {
  const limits = limitKeys(address, caller, call).map((key) => all.of(key))
  const windows = call.limits?.windows ?? []
  for (const limit of limits) if (isShared(limit)) limit.hasAtLeast(windows)
  return {
    limits,
    start() {
      const answered = limits.map((limit) =>
        limit.start(windows, isShared(limit) ? caller.tenant : undefined),
      )
      return async (headers) => {
        const believable = believed(call, headers)
        return latest(await Promise.all(answered.map((learn) => learn(believable))))
      }
    },
  }
}

/** Takes a permit of each limit or of none; then returns the limit that has none, and when to come back. */
export async function takeEach(
  limits: readonly SharedLimit[],
  {
    take,
    giveBack,
  }: {
    readonly take: (limit: SharedLimit) => Promise<Date | undefined>
    readonly giveBack: (limit: SharedLimit) => void
  },
): Promise<{ readonly limit: SharedLimit; readonly comeBack: Date } | undefined> {
  const taken: SharedLimit[] = []
  try {
    for (const limit of limits) {
      const comeBack = await take(limit)
      if (comeBack !== undefined) {
        taken.forEach(giveBack)
        return { limit, comeBack }
      }
      taken.push(limit)
    }
  } catch (error) {
    taken.forEach(giveBack)
    throw error
  }
  return undefined
}

function isShared({ key }: SharedLimit): boolean {
  return key.connection === undefined && key.tenant === undefined
}

function latest(dates: readonly (Date | undefined)[]): Date | undefined {
  return dates.reduce((last, date) => (last === undefined || (date && date > last) ? date : last), undefined)
}

/** The owner of the call. A sweep's call belongs to the tenant, and to no connection. */
export interface Caller {
  readonly tenant: TenantId
  readonly connection: ConnectionId | undefined
}

export interface LimitedCall {
  readonly destination: string
  readonly bucket: string
  readonly host: string
  readonly limits?: DeclaredLimits | undefined
}

/**
 * The caller's own limit, and that of the address if the vendor counts per address and the host is the vendor's: what
 * another host says concerns the calling connection only. No limits: it would be a connection's, and there is none.
 */
export function limitKeys(address: string, caller: Caller, call: LimitedCall): readonly LimitKey[] {
  const { tenant, connection } = caller
  const bucket = `${call.destination}.${call.bucket}`
  if (isCountedPerAddress(call)) {
    return [
      { scope: tenant, tenant, bucket },
      { scope: addressScope(address), bucket },
    ]
  }
  return connection === undefined ? [] : [{ scope: connection, connection, bucket }]
}

/**
 * Headers are ignored beside a documented limit, since they could say anything. And a limit that all share is exhausted for
 * at most its longest window, whatever `Retry-After` says.
 */
export function believed(
  call: Pick<LimitedCall, 'host' | 'limits'>,
  headers: RateLimitHeaders,
): RateLimitHeaders {
  const windows = call.limits?.windows ?? []
  if (windows.length === 0) return headers
  const { window: _window, retryInSeconds, ...rest } = headers
  if (retryInSeconds === undefined) return rest
  const longest = isCountedPerAddress(call) ? Math.max(...windows.map(({ seconds }) => seconds)) : Infinity
  return { ...rest, retryInSeconds: Math.min(retryInSeconds, longest) }
}

function isCountedPerAddress({ limits, host }: Pick<LimitedCall, 'host' | 'limits'>): boolean {
  const domain = limits?.perAddressAt
  if (domain === undefined) return false
  const name = host.replace(/:\d+$/, '')
  return name === domain || name.endsWith(`.${domain}`)
}
