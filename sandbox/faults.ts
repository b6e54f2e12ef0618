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
  /** Does the work, then answers the first half of what it should. */
  z.strictObject({ malformed: z.literal(true) }),
  /** Does the work, then answers with one member of the JSON replaced. `member` is a JSON pointer; '' is the whole. */
  z.strictObject({ member: z.string().regex(/^(\/.*)?$/s), becomes: z.json() }),
  /** Does the work, then answers gzip, gzip without saying so, or with a byte order mark before the text. */
  z.strictObject({ packed: z.enum(['gzip', 'gzip unsaid', 'marked']) }),
  /** Answers 200 with an HTML page, nothing made. */
  z.strictObject({ html: z.literal(true) }),
  /** A firewall's or a proxy's page instead of an answer, nothing made. */
  z.strictObject({ page: z.strictObject({ status: z.int().min(400).max(599).default(403) }) }),
])

export const faultRule = z.strictObject({
  system: z.enum(systems),
  /** Such as `people.create`. Unset: every operation of the system. */
  operation: z.string().optional(),
  /** One tenant's subdomain, HiBob company or receiver. Unset: all of them. */
  account: z.string().optional(),
  /** Only calls whose body or address holds this text, as a firewall's rule may: a surname, a word of SQL. */
  holding: z.string().min(1).optional(),
  /** For how long it fires, from its first call on. Unset: as long as it is armed. */
  forMs: z.int().positive().optional(),
  /** Fires at every n-th matching call. Unset: at each. */
  every: z.int().positive().optional(),
  /** How often it fires. Default 1, or `always` when `every`, `holding` or `forMs` is given. */
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
  readonly holding: string | undefined
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

export interface ArrivedCall extends CallName {
  readonly at: Date
  /** The address and the body, as text. */
  readonly text: string
}

interface Armed extends Fault {
  seen: number
  fired: number
  waiting: number
  /** From its first matching call on. */
  until: number | undefined
  readonly forMs: number | undefined
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
  choose(call: ArrivedCall): Fault | undefined
  /** True when a rule looks into calls of this system: only then their text is needed. */
  readsCalls(system: System): boolean
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
      const fault = newlyArmed(`flt_${++made}`, faultRule.parse(input))
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
        fault.until ??= fault.forMs === undefined ? Infinity : call.at.getTime() + fault.forMs
        const spent =
          (fault.times !== 'always' && fault.fired >= fault.times) || call.at.getTime() >= fault.until
        if (chosen === undefined && !spent && fault.seen % fault.every === 0) chosen = fault
      }
      if (chosen) chosen.fired++
      return chosen && shown(chosen)
    },
    readsCalls: (system) =>
      [...armed.values()].some((fault) => fault.system === system && fault.holding !== undefined),
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

function newlyArmed(id: string, rule: z.output<typeof faultRule>): Armed {
  return {
    id,
    system: rule.system,
    operation: rule.operation,
    account: rule.account,
    holding: rule.holding,
    forMs: rule.forMs,
    until: undefined,
    every: rule.every ?? 1,
    times: rule.times ?? usualTimes(rule),
    effect: rule.effect,
    seen: 0,
    fired: 0,
    waiting: 0,
    released: Promise.withResolvers<undefined>(),
    watchers: new Set(),
  }
}

function usualTimes({ every, holding, forMs }: z.output<typeof faultRule>): 1 | 'always' {
  return every === undefined && holding === undefined && forMs === undefined ? 1 : 'always'
}

function matches(fault: Fault, call: ArrivedCall): boolean {
  return (
    (fault.holding === undefined || call.text.includes(fault.holding)) &&
    fault.system === call.system &&
    (fault.operation === undefined || fault.operation === call.operation) &&
    (fault.account === undefined || fault.account === call.account)
  )
}

function shown(fault: Armed): Fault {
  const { released: _released, watchers: _watchers, until: _until, forMs: _forMs, ...rest } = fault
  return rest
}
