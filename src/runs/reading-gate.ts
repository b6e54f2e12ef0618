/** The way to the outside of what is no run: sweeps and previews count against the limits of runs, and wait with them. */
import type { ConnectionId } from '../base/ids.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import type { LimitKey } from './limit-store.ts'
import { addressScope, type RunGate } from './run-gate.ts'

/** `connection`: whose calls they are. A sweep's are the tenant's, and only limits per address are counted for it. */
export function createReadingGate(
  { limits, address }: { readonly limits: ConnectionLimits; readonly address: string },
  connection?: ConnectionId,
): Pick<RunGate, 'enter'> {
  return {
    async enter(call) {
      const key = keyOf(address, connection, call)
      if (key === undefined) return { ended: async () => undefined }
      const limit = limits.of(key)
      const comeBack = await limit.take({ calls: 1, promised: false })
      if (comeBack !== undefined) return comeBack
      const answered = limit.begin(call.limits?.windows ?? [])
      return { ended: ({ status: _status, failure: _failure, ...told }) => answered(told) }
    },
  }
}

type Call = Parameters<RunGate['enter']>[0]

/** As runs count it. Undefined: it is counted for a connection, and there is none. */
function keyOf(address: string, connection: ConnectionId | undefined, call: Call): LimitKey | undefined {
  const bucket = `${call.destination}.${call.bucket}`
  if (call.limits?.countedBy === 'address') {
    return { scope: addressScope(address), connection: undefined, bucket }
  }
  return connection === undefined ? undefined : { scope: connection, connection, bucket }
}
