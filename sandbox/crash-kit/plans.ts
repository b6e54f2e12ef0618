/** What shall go wrong, where, once each: the harm is done when the planned call is reached for the planned time. */
import type { CrashPoint } from './crash-point.ts'
import type { Reach, Reached } from './reach.ts'

/** One place in one hire: this point of this step, the n-th time it is passed. */
export interface Place {
  readonly point: CrashPoint
  readonly step: string
  readonly nth: number
}

export interface Plan extends Place {
  /** The tenant whose hire suffers; `*`: whoever passes. */
  readonly account: string
  readonly level: Reached['level']
  readonly harm: (at: Reached) => Promise<void> | void
}

export interface Plans {
  readonly reach: Reach
  /** Resolves when the harm is about to be done. */
  add(plan: Plan): Promise<void>
  /** Accounts whose harm has not been done. */
  pending(): readonly string[]
}

interface Armed extends Plan {
  left: number
  readonly fired: PromiseWithResolvers<undefined>
}

export function createPlans(): Plans {
  const armed = new Map<string, Armed>()
  return {
    async reach(at) {
      for (const account of [...at.accounts, '*']) {
        const plan = armed.get(account)
        if (plan === undefined || !isFor(plan, at) || --plan.left > 0) continue
        armed.delete(account)
        plan.fired.resolve(undefined)
        await plan.harm(at)
      }
    },
    async add(plan) {
      const fired = Promise.withResolvers<undefined>()
      armed.set(plan.account, { ...plan, left: plan.nth, fired })
      await fired.promise
    },
    pending: () => [...armed.keys()],
  }
}

function isFor(plan: Plan, { point, step, level }: Reached): boolean {
  return plan.point === point && plan.step === step && plan.level === level
}
