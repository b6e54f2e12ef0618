/** One call and all limits that it counts against: a permit of each before, and its answer told to each. */
import type { Told } from '../base/rate-limit.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { believed, type Caller, type LimitedCall, limitKeys } from './limit-keys.ts'
import type { SharedLimit } from './shared-limit.ts'

export interface CountedCall {
  readonly limits: readonly SharedLimit[]
  /** It is on its way. The function is told of its answer, and answers until when a limit rests that the answer has spoken for. */
  readonly begin: () => (told: Told) => Promise<Date | undefined>
}

export function countedCall(
  { limits: all, address }: { readonly limits: ConnectionLimits; readonly address: string },
  caller: Caller,
  call: LimitedCall,
): CountedCall {
  const limits = limitKeys(address, caller, call).map((key) => all.of(key))
  const windows = call.limits?.windows ?? []
  return {
    limits,
    begin() {
      const answered = limits.map((limit) =>
        limit.begin(windows, isShared(limit) ? caller.tenant : undefined),
      )
      return async (told) => {
        const believable = believed(call, told)
        return latest(await Promise.all(answered.map((tell) => tell(believable))))
      }
    },
  }
}

/** A permit of each, or of none: then of which limit there is none, and when to come back. */
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
