/**
 * The fault switchboard: rules that say which calls go wrong and how. A rule fires once unless told otherwise, so a
 * test that arms "cut after" gets exactly one lost answer and then a healthy system.
 */
import { z } from 'zod'

export const systems = ['pinpoint', 'hibob', 'receiver', 'files'] as const
export type System = (typeof systems)[number]

/** Before the effect: nothing was made. After it: it was made, and only the answer suffers. */
const moment = z.enum(['before', 'after'])

const effect = z.union([
  /** Answers this status. `at: 'after'` does the work first, so the caller hears of a failure that is none. */
  z.strictObject({
    status: z.int().min(200).max(599),
    body: z.json().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    at: moment.default('before'),
  }),
  /** 429 as the imitated system says it, nothing made. */
  z.strictObject({
    rateLimit: z.strictObject({
      limit: z.int().positive().default(50),
      resetInSeconds: z.int().positive().default(1),
    }),
  }),
  /** Waits. The work is done even when the caller hangs up meanwhile: the late effect that makes twins. */
  z.strictObject({ delayMs: z.int().positive(), at: moment.default('before') }),
  /** Destroys the socket. */
  z.strictObject({ cut: moment }),
  /** Never answers; the caller must give up by itself. */
  z.strictObject({ hang: moment }),
  /** Waits for `release`. A caller that hangs up while held before the effect takes its call with it. */
  z.strictObject({ hold: moment }),
  /** Does the work, then answers half a JSON text. */
  z.strictObject({ malformed: z.literal(true) }),
  /** Answers 200 with an HTML page, nothing made. */
  z.strictObject({ html: z.literal(true) }),
])

export const faultRule = z.strictObject({
  system: z.enum(systems),
  /** Such as `people.create`. Unset: every operation of the system. */
  operation: z.string().optional(),
  /** One tenant's subdomain, HiBob company or receiver. Unset: all of them. */
  account: z.string().optional(),
  /** Fires at every n-th matching call. Unset: at each. */
  every: z.int().positive().optional(),
  /** How often it fires. Default 1, or `always` when `every` is given. */
  times: z.union([z.int().positive(), z.literal('always')]).optional(),
  effect,
})

export type FaultRule = z.input<typeof faultRule>
export type Effect = z.output<typeof effect>
export type Moment = z.output<typeof moment>

export interface Fault {
  readonly id: string
  readonly system: System
  readonly operation: string | undefined
  readonly account: string | undefined
  readonly every: number
  readonly times: number | 'always'
  readonly effect: Effect
  /** Matching calls so far, how many of them suffered, and how many are held at this moment. */
  readonly seen: number
  readonly fired: number
  readonly waiting: number
}

export interface CallName {
  readonly system: System
  readonly operation: string
  readonly account: string
}

interface Armed extends Fault {
  seen: number
  fired: number
  waiting: number
  readonly released: PromiseWithResolvers<undefined>
  readonly watchers: Set<() => void>
}

export interface Faults {
  add(rule: FaultRule): Fault
  list(): readonly Fault[]
  /** Disarms one rule; calls it holds go on. False when there is no such rule. */
  remove(id: string): boolean
  clear(): void
  /** The rule that this call suffers, if any. Counts the call. */
  choose(call: CallName): Fault | undefined
  /** Holds the caller of this until the rule is released or `gone` resolves, and says which came first. */
  held(id: string, gone: Promise<unknown>): Promise<'released' | 'gone'>
  /** Resolves once the rule holds a call: now is the moment to kill the caller. */
  whenHeld(id: string): Promise<void>
}

export function openFaults(): Faults {
  const armed = new Map<string, Armed>()
  let made = 0

  const remove = (id: string): boolean => {
    armed.get(id)?.released.resolve(undefined)
    return armed.delete(id)
  }

  return {
    add(input) {
      const rule = faultRule.parse(input)
      const fault: Armed = {
        id: `flt_${++made}`,
        system: rule.system,
        operation: rule.operation,
        account: rule.account,
        every: rule.every ?? 1,
        times: rule.times ?? (rule.every === undefined ? 1 : 'always'),
        effect: rule.effect,
        seen: 0,
        fired: 0,
        waiting: 0,
        released: Promise.withResolvers<undefined>(),
        watchers: new Set(),
      }
      armed.set(fault.id, fault)
      return shown(fault)
    },
    list: () => [...armed.values()].map(shown),
    remove,
    clear: () => [...armed.keys()].forEach(remove),
    choose(call) {
      let chosen: Armed | undefined
      for (const fault of armed.values()) {
        if (!matches(fault, call)) continue
        fault.seen++
        const spent = fault.times !== 'always' && fault.fired >= fault.times
        if (chosen === undefined && !spent && fault.seen % fault.every === 0) chosen = fault
      }
      if (chosen) chosen.fired++
      return chosen && shown(chosen)
    },
    async held(id, gone) {
      const fault = armed.get(id)
      if (!fault) return 'released'
      fault.waiting++
      for (const watcher of fault.watchers) watcher()
      const first = await Promise.race([
        fault.released.promise.then(() => 'released' as const),
        gone.then(() => 'gone' as const),
      ])
      fault.waiting--
      return first
    },
    async whenHeld(id) {
      const fault = armed.get(id)
      if (!fault || fault.waiting > 0) return
      await new Promise<void>((resolve) => fault.watchers.add(resolve))
    },
  }
}

function matches(fault: Fault, call: CallName): boolean {
  return (
    fault.system === call.system &&
    (fault.operation === undefined || fault.operation === call.operation) &&
    (fault.account === undefined || fault.account === call.account)
  )
}

const shown = ({ released: _released, watchers: _watchers, ...fault }: Armed): Fault => fault
