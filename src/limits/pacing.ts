/**
 * What may be called when, as pure arithmetic over windows of calls. Instants are milliseconds by the database's clock,
 * the one clock that all processes share. Why fixed windows: docs/decisions/0011-limits.md
 */
import { type Budget, type Window } from '../base/rate-limit.ts'

/** Around the end of a window nobody can tell which window a call falls into, so nothing is sent for so long. */
export const quietMilliseconds = 1000

/** One who wants to call: so many calls, all or none. */
export interface CallRequest {
  readonly calls: number
  /** It comes back at the time it was promised, so it goes before those who come for the first time. */
  readonly promised: boolean
}

export interface Grant {
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
export function take(before: Budget, now: number, wanted: readonly CallRequest[]): Grant {
  const budget = rolled(before, now)
  const free = freeCalls(budget, now)
  const freeForNew = Math.min(free, freeBesidePromised(budget, now))
  let granted = 0
  let used = 0
  let usedByNew = 0
  for (const { calls: all, promised } of wanted) {
    // Who wants more than a window holds gets a whole one, or would wait for ever.
    const calls = Math.min(all, mostAtOnce(budget))
    if (used + calls > (promised ? free : freeForNew)) break
    used += calls
    if (!promised) usedByNew += calls
    granted++
  }
  const spare =
    granted === wanted.length && used > 0 ? clamp(sliceOf(budget) - used, 0, freeForNew - used) : 0
  const windows = used === 0 ? budget.windows : budget.windows.map((one) => count(one, used + spare, now))
  const line = joinLine(budget.line, usedByNew + spare)
  const { waits, line: longer } = promise({ ...budget, windows, line }, now, wanted.slice(granted))
  const changed = used > 0 || longer !== budget.line
  return {
    budget: changed ? { ...budget, windows, line: longer } : budget,
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

/** Windows that are over count nothing; the next call opens the next one. A line that has passed promises nothing. */
function rolled(budget: Budget, now: number): Budget {
  const windows = rolledWindows(budget.windows, now)
  const passed =
    budget.line !== null && budget.line.at <= now && budget.line.windows.some((one) => isOver(one, now))
  if (windows === budget.windows && !passed) return budget
  return { ...budget, windows, line: passed ? null : budget.line }
}

function rolledWindows(windows: readonly Window[], now: number): readonly Window[] {
  if (!windows.some((one) => isOver(one, now))) return windows
  return windows.map((one) => (isOver(one, now) ? { ...one, used: 0, startedAt: 0, endsAt: 0 } : one))
}

function isOver({ endsAt }: Window, now: number): boolean {
  return endsAt !== 0 && endsAt + quietMilliseconds <= now
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

/** What those who were told to come back leave of the present windows. */
function freeBesidePromised({ windows, line }: Budget, now: number): number {
  if (line === null) return Infinity
  const left = windows.map((one) => {
    const promised = line.windows.find((other) => isSame(one, other))
    if (promised === undefined) return Infinity
    const presentEnd = one.endsAt === 0 ? now + one.seconds * 1000 : one.endsAt
    // The line has gone on to a later window: this one is given away.
    if (promised.endsAt > presentEnd + one.seconds * 500) return 0
    return Math.max(0, one.allowed - promised.used)
  })
  return Math.min(Infinity, ...left)
}

/** Documented windows are told apart by their length; the one of the headers may learn a longer one. */
function isSame(one: Window, other: Window): boolean {
  return one.source === other.source && (one.source === 'told' || one.seconds === other.seconds)
}

/** Who calls at once takes from what the line had not given away. */
function joinLine(line: Budget['line'], calls: number): Budget['line'] {
  if (line === null || calls === 0) return line
  return { ...line, windows: line.windows.map((one) => ({ ...one, used: one.used + calls })) }
}

/** A hundredth of a window at a time: small limits are counted call by call, large ones cost next to nothing. */
function sliceOf({ windows }: Budget): number {
  return windows.length === 0 ? 0 : Math.floor(Math.min(...windows.map(({ allowed }) => allowed)) / 100)
}

function opensAt({ windows, pausedUntil }: Budget, now: number): number {
  const used = windows.filter((one) => one.endsAt !== 0 && (one.used >= one.allowed || isQuiet(one, now)))
  return Math.max(now, pausedUntil, ...used.map(({ endsAt }) => endsAt + quietMilliseconds))
}

/**
 * Each gets the earliest moment at which its calls will fit behind those of all before it. One that came as promised and
 * missed its window by a moment comes first in the next: its share is reserved already.
 */
function promise(budget: Budget, now: number, waiting: readonly CallRequest[]) {
  const opens = Math.ceil(opensAt(budget, now))
  let { line } = budget
  const waits = waiting.map(({ calls, promised }) => {
    if (promised || budget.windows.length === 0) return opens
    line = extended(line ?? { at: opens, windows: rolledWindows(budget.windows, opens) }, opens, calls)
    return line.at
  })
  return { waits, line }
}

function extended(line: NonNullable<Budget['line']>, opens: number, calls: number) {
  let at = Math.max(line.at, opens)
  let windows = rolledWindows(line.windows, at)
  const isFull = (one: Window) => one.used > 0 && one.used + calls > one.allowed
  while (windows.some((one) => isFull(one) || isQuiet(one, at))) {
    const full = windows.filter((one) => isFull(one) || isQuiet(one, at))
    at = Math.ceil(Math.max(...full.map(({ endsAt }) => endsAt)) + quietMilliseconds)
    windows = rolledWindows(windows, at)
  }
  return { at, windows: windows.map((one) => count(one, calls, at)) }
}

function mostAtOnce({ windows }: Budget): number {
  return Math.max(1, Math.min(...windows.map(({ allowed }) => allowed)))
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most))
}
