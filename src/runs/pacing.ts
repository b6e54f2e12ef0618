/**
 * What may be called when, as pure arithmetic over windows of calls. Instants are milliseconds by the database's clock,
 * the one clock that all processes share. Why fixed windows: docs/decisions/0011-limits.md
 */

export interface Window {
  readonly source: 'told' | 'declared'
  readonly allowed: number
  /** How long a window lasts: documented, or the longest that was ever told. */
  readonly seconds: number
  /** Calls permitted by us, or more where the destination has counted more: somebody else uses the same account. */
  readonly used: number
  readonly startedAt: number
  /** 0: not opened yet; the next call opens it. */
  readonly endsAt: number
}

/** All that is known of one limit. Stored as it is. */
export interface Budget {
  readonly windows: readonly Window[]
  /** 429 was answered: nothing before this instant. */
  readonly pausedUntil: number
  /** Capacity up to this instant has been promised to runs that were told to come back. */
  readonly promisedUntil: number
}

export const unknownBudget: Budget = { windows: [], pausedUntil: 0, promisedUntil: 0 }

/** Around the end of a window nobody can tell which window a call falls into, so nothing is sent for so long. */
export const quietMilliseconds = 1000

/** One who wants to call: so many calls, all or none. */
export interface Wanted {
  readonly calls: number
  /** It comes back at the time it was promised, so it goes before those who come for the first time. */
  readonly promised: boolean
}

export interface Taken {
  /** The same object when nothing changed. */
  readonly budget: Budget
  /** How many of those who want, from the first on, may call now. */
  readonly granted: number
  /** Calls beyond that, for this process to hand out without asking again. */
  readonly spare: number
  /** Grants are good until then. */
  readonly validUntil: number
  /** When each of the others should come back. */
  readonly waits: readonly number[]
}

/** In turn: when one does not fit, those behind it wait too, or a large demand would never be met. */
export function take(before: Budget, now: number, wanted: readonly Wanted[]): Taken {
  const budget = rolled(before, now)
  const free = freeCalls(budget, now)
  const reserved = promisedCalls(budget, now)
  let granted = 0
  let used = 0
  for (const { calls, promised } of wanted) {
    if (used + calls > (promised ? free : free - reserved)) break
    used += calls
    granted++
  }
  const spare = granted < wanted.length ? 0 : clamp(sliceOf(budget) - used, 0, free - reserved - used)
  const windows = used === 0 ? budget.windows : budget.windows.map((one) => count(one, used + spare, now))
  const { waits, promisedUntil } = promise({ ...budget, windows }, now, wanted.slice(granted))
  const changed = used > 0 || promisedUntil !== budget.promisedUntil
  return {
    budget: changed ? { ...budget, windows, promisedUntil } : budget,
    granted,
    spare,
    validUntil: Math.min(...windows.map(({ endsAt }) => endsAt)),
    waits,
  }
}

/** Undefined when something may be called now; otherwise from when on, as far as is known. */
export function restsUntil(before: Budget, now: number): number | undefined {
  const budget = rolled(before, now)
  return freeCalls(budget, now) > 0 ? undefined : opensAt(budget, now)
}

/** Windows that are over count nothing; the next call opens the next one. */
function rolled(budget: Budget, now: number): Budget {
  const over = ({ endsAt }: Window) => endsAt !== 0 && endsAt + quietMilliseconds <= now
  if (!budget.windows.some(over)) return budget
  const closed = { used: 0, startedAt: 0, endsAt: 0 }
  return { ...budget, windows: budget.windows.map((one) => (over(one) ? { ...one, ...closed } : one)) }
}

function count(window: Window, calls: number, now: number): Window {
  const opened =
    window.endsAt === 0 ? { ...window, startedAt: now, endsAt: now + window.seconds * 1000 } : window
  return { ...opened, used: opened.used + calls }
}

function freeCalls({ windows, pausedUntil }: Budget, now: number): number {
  if (now < pausedUntil) return 0
  return Math.min(...windows.map((one) => (isQuiet(one, now) ? 0 : Math.max(0, one.allowed - one.used))))
}

function isQuiet({ endsAt }: Window, now: number): boolean {
  return endsAt !== 0 && now >= endsAt
}

/** What those who were told to come back will want before the windows end. */
function promisedCalls({ windows, promisedUntil }: Budget, now: number): number {
  const ends = windows.map(({ endsAt }) => (endsAt === 0 ? Infinity : endsAt))
  const until = Math.min(promisedUntil, ...ends)
  return windows.length === 0 || until <= now ? 0 : Math.ceil((until - now) / millisecondsPerCall(windows))
}

/** A hundredth of a window at a time: small limits are counted call by call, large ones cost next to nothing. */
function sliceOf({ windows }: Budget): number {
  return windows.length === 0 ? 0 : Math.floor(Math.min(...windows.map(({ allowed }) => allowed)) / 100)
}

function millisecondsPerCall(windows: readonly Window[]): number {
  const paces = windows.map((one) => (one.seconds * 1000 + quietMilliseconds) / Math.max(1, one.allowed))
  return Math.max(0, ...paces)
}

function opensAt({ windows, pausedUntil }: Budget, now: number): number {
  const used = windows.filter((one) => one.endsAt !== 0 && (one.used >= one.allowed || isQuiet(one, now)))
  return Math.max(now, pausedUntil, ...used.map(({ endsAt }) => endsAt + quietMilliseconds))
}

/**
 * Spread over the windows to come at the pace that they allow, each after the one before. One that came as promised and
 * missed its window by a moment comes first in the next: its share is reserved already.
 */
function promise(budget: Budget, now: number, waiting: readonly Wanted[]) {
  const pace = millisecondsPerCall(budget.windows)
  const opens = opensAt(budget, now)
  let { promisedUntil } = budget
  const waits = waiting.map(({ calls, promised }) => {
    if (promised || pace === 0) return Math.ceil(opens)
    const at = Math.ceil(Math.max(promisedUntil, opens))
    promisedUntil = Math.ceil(at + calls * pace)
    return at
  })
  return { waits, promisedUntil }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most))
}
