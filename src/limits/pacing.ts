/**
 * Which calls are allowed when, as pure arithmetic over windows of calls. Instants are milliseconds by the database's clock,
 * which all processes share. Why fixed windows: docs/decisions/0011-limits.md
 */
import { type Budget, type DeclaredWindow, type Window } from '../base/rate-limit.ts'

/** Around the end of a window nobody can tell in which window a call counts, so no call is sent for this long. */
export const guardMilliseconds = 1000

/** An announced end is rounded up to a whole second: a window that is planned may end so much later than its length says. */
const roundingMilliseconds = 1000

/** A request for this number of calls, all or none. */
export interface CallRequest {
  readonly calls: number
  /** It comes back at its reserved time, so it goes before new requests. */
  readonly reserved: boolean
  /** The share of each window that must stay free after it. Default 0. */
  readonly leaves?: number
  /** When its hire reached us: of those who ask at the same moment the oldest goes first. Default: now. */
  readonly since?: number
  /** True: it asks for a place in the queue, since another limit of the same run is exhausted. */
  readonly later?: boolean
  /** False: it gets no place in the queue, so it delays nobody. Default true. */
  readonly waits?: boolean
}

export interface Grant {
  /** The same object when nothing changed. */
  readonly budget: Budget
  /** How many of the requests, from the first on, may call now. */
  readonly granted: number
  /** Further calls that this process may make without asking again. */
  readonly prefetched: number
  /** The grant expires then. */
  readonly validUntil: number
  /** When each of the other requests should come back. */
  readonly waits: readonly number[]
}

/** In order: when a request does not fit, those behind it wait too, or a large request would never be met. */
export function take(before: Budget, now: number, requests: readonly CallRequest[]): Grant {
  const budget = rolled(before, now)
  const free = freeCalls(budget, now)
  const freeForNew = Math.min(free, freeBesideReserved(budget, now))
  let granted = 0
  let used = 0
  let usedByNew = 0
  for (const { calls: all, reserved, leaves = 0, later = false } of requests) {
    if (later) break
    // A request for more than a window holds gets a whole window, or it would wait for ever.
    const calls = Math.min(all, mostAtOnce(budget))
    if (used + calls > Math.min(reserved ? free : freeForNew, freeLeaving(budget, leaves))) break
    used += calls
    if (!reserved) usedByNew += calls
    granted++
  }
  const prefetched =
    granted === requests.length && used > 0 ? clamp(sliceOf(budget) - used, 0, freeForNew - used) : 0
  const windows =
    used === 0 ? budget.windows : budget.windows.map((one) => count(one, used + prefetched, now))
  const queue = joinQueue(budget.queue, usedByNew + prefetched)
  const { waits, queue: longer } = reserve({ ...budget, windows, queue }, now, requests.slice(granted))
  const changed = used > 0 || longer !== budget.queue
  return {
    budget: changed ? { ...budget, windows, queue: longer } : budget,
    granted,
    prefetched,
    validUntil: Math.min(...windows.map(({ endsAt }) => endsAt)),
    waits,
  }
}

/** With these windows in place of other documented ones. Returns the same object when it has them. */
export function withDocumented(budget: Budget, documented: readonly DeclaredWindow[]): Budget {
  if (documented.length === 0) return budget
  const { windows } = budget
  const wanted = documented.map(({ calls: allowed, seconds }) => {
    const known = windows.find((one) => one.source === 'declared' && one.seconds === seconds)
    if (known?.allowed === allowed) return known
    return { source: 'declared', used: 0, startedAt: 0, endsAt: 0, ...known, seconds, allowed } as const
  })
  const before = windows.filter(({ source }) => source === 'declared')
  if (before.length === wanted.length && wanted.every((one) => before.includes(one))) return budget
  return { ...budget, windows: [...windows.filter(({ source }) => source !== 'declared'), ...wanted] }
}

/** Undefined when a call is allowed now; otherwise from when on, as far as is known. */
export function exhaustedUntil(before: Budget, now: number): number | undefined {
  const budget = rolled(before, now)
  return freeCalls(budget, now) > 0 ? undefined : opensAt(budget, now)
}

/** Closes windows that are over; the next call opens them again. A queue whose time has passed is dropped. */
function rolled(budget: Budget, now: number): Budget {
  const windows = rolledWindows(budget.windows, now)
  const passed =
    budget.queue !== null && budget.queue.at <= now && budget.queue.windows.some((one) => isOver(one, now))
  if (windows === budget.windows && !passed) return budget
  return { ...budget, windows, queue: passed ? null : budget.queue }
}

function rolledWindows(windows: readonly Window[], now: number): readonly Window[] {
  if (!windows.some((one) => isOver(one, now))) return windows
  return windows.map((one) => (isOver(one, now) ? { ...one, used: 0, startedAt: 0, endsAt: 0 } : one))
}

function isOver({ endsAt }: Window, now: number): boolean {
  return endsAt !== 0 && endsAt + guardMilliseconds <= now
}

function count(window: Window, calls: number, now: number): Window {
  const opened =
    window.endsAt === 0 ? { ...window, startedAt: now, endsAt: now + window.seconds * 1000 } : window
  return { ...opened, used: opened.used + calls }
}

function freeCalls({ windows, pausedUntil }: Budget, now: number): number {
  if (now < pausedUntil) return 0
  return Math.min(...windows.map((one) => (isGuarded(one, now) ? 0 : Math.max(0, one.allowed - one.used))))
}

function freeLeaving({ windows }: Budget, share: number): number {
  return share === 0
    ? Infinity
    : Math.min(...windows.map(({ allowed, used }) => Math.floor(allowed * (1 - share)) - used))
}

function isGuarded({ endsAt }: Window, now: number): boolean {
  return endsAt !== 0 && now >= endsAt
}

/** What the reservations leave of the present windows. */
function freeBesideReserved({ windows, queue }: Budget, now: number): number {
  if (queue === null) return Infinity
  const left = windows.map((one) => {
    const reserved = queue.windows.find((other) => isSame(one, other))
    if (reserved === undefined) return Infinity
    const presentEnd = one.endsAt === 0 ? now + one.seconds * 1000 : one.endsAt
    // The queue has moved on to a later window: all of this one is reserved.
    if (reserved.endsAt > presentEnd + one.seconds * 500) return 0
    return Math.max(0, one.allowed - reserved.used)
  })
  return Math.min(Infinity, ...left)
}

/** Documented windows differ by their length; the window of the headers may learn a longer one. */
function isSame(one: Window, other: Window): boolean {
  return one.source === other.source && (one.source === 'headers' || one.seconds === other.seconds)
}

/** Calls without a reservation use up what the queue has not reserved yet. */
function joinQueue(queue: Budget['queue'], calls: number): Budget['queue'] {
  if (queue === null || calls === 0) return queue
  return { ...queue, windows: queue.windows.map((one) => ({ ...one, used: one.used + calls })) }
}

/** A hundredth of a window at a time: small limits are counted call by call, large ones cost hardly anything. */
function sliceOf({ windows }: Budget): number {
  return windows.length === 0 ? 0 : Math.floor(Math.min(...windows.map(({ allowed }) => allowed)) / 100)
}

function opensAt({ windows, pausedUntil }: Budget, now: number): number {
  const used = windows.filter((one) => one.endsAt !== 0 && (one.used >= one.allowed || isGuarded(one, now)))
  return Math.max(now, pausedUntil, ...used.map(({ endsAt }) => endsAt + guardMilliseconds))
}

/**
 * Each request gets the earliest moment at which its calls fit behind all earlier requests. One that had a reservation and
 * just missed its window comes first in the next: its share is reserved already.
 */
function reserve(budget: Budget, now: number, waiting: readonly CallRequest[]) {
  const opens = Math.ceil(opensAt(budget, now))
  let { queue } = budget
  const waits = waiting.map(({ calls, reserved, waits: hasPlace = true }) => {
    if (!hasPlace) return Math.max(opens, ...budget.windows.map(({ endsAt }) => endsAt + guardMilliseconds))
    if (reserved || budget.windows.length === 0) return opens
    queue = extended(queue ?? { at: opens, windows: rolledWindows(budget.windows, opens) }, opens, calls)
    return queue.at
  })
  return { waits, queue }
}

function extended(queue: NonNullable<Budget['queue']>, opens: number, calls: number) {
  let at = Math.max(queue.at, opens)
  let windows = rolledWindows(queue.windows, at)
  const isFull = (one: Window) => one.used > 0 && one.used + calls > one.allowed - slackOf(one)
  while (windows.some((one) => isFull(one) || isGuarded(one, at))) {
    const full = windows.filter((one) => isFull(one) || isGuarded(one, at))
    at = Math.ceil(Math.max(...full.map(endPlanned)) + guardMilliseconds)
    windows = rolledWindows(windows, at)
  }
  return { at, windows: windows.map((one) => count(one, calls, at)) }
}

function endPlanned({ source, endsAt }: Window): number {
  return source === 'headers' ? endsAt + roundingMilliseconds : endsAt
}

/** Calls of a window that are not reserved: whoever missed its own window finds one, and takes nobody else's. */
function slackOf({ allowed }: Window): number {
  return Math.floor(allowed / 40)
}

function mostAtOnce({ windows }: Budget): number {
  return Math.max(1, Math.min(...windows.map(({ allowed }) => allowed)))
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most))
}
