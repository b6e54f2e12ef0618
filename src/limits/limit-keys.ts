/** Whose limits a call counts against, and what of its answer is believed of them: docs/decisions/0045-whose-limit.md */
import type { ConnectionId, TenantId } from '../base/ids.ts'
import { addressScope, type LimitKey } from '../base/known-limit.ts'
import type { DeclaredLimits, Told } from '../base/rate-limit.ts'

/** Whose call it is. A sweep's is the tenant's, and no connection's. */
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
 * The caller's own limit, and that of all who call from this address where the vendor counts so and the host is the vendor's: what
 * any other host says concerns the connection that calls it. None: it is counted for a connection, and there is none.
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
 * Headers beside a documented limit could say anything: it stays as documented. And a limit that all share rests for as long as
 * its longest window at most, whatever was asked for.
 */
export function believed(call: Pick<LimitedCall, 'host' | 'limits'>, told: Told): Told {
  const windows = call.limits?.windows ?? []
  if (windows.length === 0) return told
  const { window: _window, retryInSeconds, ...rest } = told
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
