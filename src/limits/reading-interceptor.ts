/** The interceptor of sweeps and previews, which are not runs: they count against the limits of runs, and wait with them. */
import type { ConnectionLimits } from './connection-limits.ts'
import { type Caller, countedCall, type LimitedCall, takeEach } from './counted-call.ts'
import type { CallRequest } from './pacing.ts'
import type { CallEnd, RunInterceptor } from './run-interceptor.ts'

export function createReadingInterceptor(
  deps: { readonly limits: ConnectionLimits; readonly address: string },
  caller: Caller,
  { leaves = 0 }: Pick<CallRequest, 'leaves'> = {},
): Pick<RunInterceptor, 'enter' | 'repeat' | 'answered'> {
  async function take(call: LimitedCall, waits: boolean) {
    const { limits, start } = countedCall(deps, caller, call)
    const refused = await takeEach(limits, {
      take: (limit) => limit.take({ calls: 1, reserved: false, leaves, waits }),
      giveBack: (limit) => limit.giveBack(1),
    })
    if (refused !== undefined) return refused.comeBack
    const answered = start()
    return {
      ended: ({ status: _status, failure: _failure, ...headers }: CallEnd) => answered(headers),
    }
  }

  return {
    enter: (call) => take(call, leaves === 0),
    async repeat(call) {
      const taken = await take(call, false)
      return taken instanceof Date ? undefined : taken
    },
    answered: async () => undefined,
  }
}
