/**
 * One limit, as one process sees it: each change is a compare-and-swap of the row that all processes share. A limit
 * known to be unlimited costs nothing. Round trips, and why not fewer: docs/decisions/0011-limits.md
 */
import type { Clock } from '../base/clock.ts'
import { RetryLater } from '../base/failure.ts'
import type { TenantId } from '../base/ids.ts'
import {
  type Budget,
  type DeclaredWindow,
  type KnownLimit,
  type LimitKey,
  type RateLimitHeaders,
  unknownBudget,
} from '../base/rate-limit.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { DatabaseTime } from './database-time.ts'
import { type CallRequest, exhaustedUntil, take, withDocumented } from './pacing.ts'
import { type Answered, learn } from './pacing-learn.ts'
import type { LimitStore } from './ports.ts'

/** Each failed attempt means that another process was faster: a few dozen processes never need this many. */
const mostAttempts = 100

/** A permit that is to be had so soon is waited for: going back to the queue would take as long, and a claim more. */
export const nearMilliseconds = 2000
const mostNearWaits = 3

export interface LimitDeps {
  readonly clock: Clock
  readonly store: LimitStore
  readonly time: DatabaseTime
  readonly log: Log
}

interface Waiting extends CallRequest {
  readonly resolve: (comeBack: Date | undefined) => void
  readonly reject: (error: unknown) => void
}

export class SharedLimit {
  readonly key: LimitKey
  readonly #deps: LimitDeps
  #version = 0
  #budget: Budget = unknownBudget
  /** Limits that hold from the first call on, before any answer has confirmed them. */
  #documented: readonly DeclaredWindow[] = []
  /** Prefetched permits, and until when they are valid. */
  #prefetched = 0
  #prefetchedUntil = 0
  /** The window of the prefetched permits: in a later window nobody has counted them. */
  #prefetchedFrom = 0
  #started = 0
  #ended = 0
  /** Calls that were made before a window was known. */
  #uncounted = 0
  /** When this process made calls, as far back as a documented limit counts. */
  #sent: number[] = []
  #waiting: Waiting[] = []
  /** Answers to learn from, and the promise of that. */
  #answers: Answered[] = []
  #learned: Promise<void> | undefined
  /** Changes are serialised within a process; only processes compete. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(deps: LimitDeps, key: LimitKey) {
    this.#deps = deps
    this.key = key
  }

  know({ version, budget }: Pick<KnownLimit, 'version' | 'budget'>): void {
    if (version <= this.#version) return
    this.#version = version
    this.#budget = budget
  }

  /** These windows hold from now on, whatever is stored. */
  hasAtLeast(documented: readonly DeclaredWindow[]): void {
    this.#documented = documented
  }

  /** What is stored, with the documented windows. */
  #known(): Budget {
    return withDocumented(this.#budget, this.#documented)
  }

  isExhausted(): boolean {
    return exhaustedUntil(this.#known(), this.#deps.time.now()) !== undefined
  }

  /** Undefined: the calls may be made now. Otherwise when to come back, by the database's clock. */
  async take(request: CallRequest): Promise<Date | undefined> {
    const now = this.#deps.time.now()
    const { windows, pausedUntil } = this.#known()
    if (windows.length === 0) return pausedUntil > now ? new Date(pausedUntil) : undefined
    const { calls, later = false } = request
    if (!later && this.#prefetchedAreValid(now) && this.#prefetched >= calls) {
      this.#prefetched -= calls
      return undefined
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...request, resolve, reject })
      void this.#exclusive(() => this.#serve())
    })
  }

  /** As `take`, but waits for calls that are allowed in a moment: within so many milliseconds in all. */
  async takeSoon(request: CallRequest, within = nearMilliseconds): Promise<Date | undefined> {
    const { clock, time } = this.#deps
    const until = time.now() + within
    const again = { ...request, reserved: request.waits !== false }
    for (let waits = 0; ; waits++) {
      const comeBack = await this.take(waits === 0 ? request : again)
      if (comeBack === undefined || waits === mostNearWaits || comeBack.getTime() > until) return comeBack
      await clock.sleep(Math.max(0, comeBack.getTime() - time.now()))
    }
  }

  giveBack(calls: number): void {
    if (this.#prefetchedAreValid(this.#deps.time.now())) this.#prefetched += calls
  }

  #prefetchedAreValid(now: number): boolean {
    const { pausedUntil, windows } = this.#budget
    return now < this.#prefetchedUntil && now >= pausedUntil && newest(windows) === this.#prefetchedFrom
  }

  /**
   * The call is sent. The returned function takes its rate-limit headers, and returns until when a 429 exhausts the limit. It never
   * rejects. `tenant`: the owner of the call, if tenants share the limit.
   */
  start(
    declared: readonly DeclaredWindow[],
    tenant?: TenantId,
  ): (headers: RateLimitHeaders) => Promise<Date | undefined> {
    const sentAt = this.#deps.time.now()
    const endedBefore = this.#ended
    this.#started++
    if (this.#budget.windows.length === 0) this.#uncounted++
    if (declared.length > 0) this.#remember(sentAt, declared)
    return async (headers) => {
      this.#ended++
      if (headers.window === undefined && headers.retryInSeconds === undefined) return undefined
      const beside = this.#started - endedBefore - 1
      const uncounted = Math.min(this.#uncounted, beside + 1)
      this.#uncounted = 0
      const callsWithin = (seconds: number) =>
        this.#sent.filter((at) => at > this.#deps.time.now() - seconds * 1000).length
      await this.#learn({ ...headers, tenant, sentAt, declared, beside, uncounted, callsWithin })
      const { pausedUntil } = this.#budget
      return headers.retryInSeconds === undefined || pausedUntil <= this.#deps.time.now()
        ? undefined
        : new Date(pausedUntil)
    }
  }

  #remember(sentAt: number, declared: readonly DeclaredWindow[]): void {
    this.#sent.push(sentAt)
    const most = Math.max(...declared.map(({ calls }) => calls))
    // Dropping half at a time keeps the cost of a single call low.
    if (this.#sent.length > 2 * most) this.#sent = this.#sent.slice(-most)
  }

  /** All answers that have arrived by then share one round trip. */
  #learn(answer: Answered): Promise<void> {
    this.#answers.push(answer)
    return (this.#learned ??= this.#exclusive(() => this.#learnAll()))
  }

  async #learnAll(): Promise<void> {
    const { time, log } = this.#deps
    const answers = this.#answers.splice(0)
    this.#learned = undefined
    const learnAll = (from: Budget, now: number) =>
      answers.reduce((budget, answer) => learn(budget, now, answer), from)
    try {
      await this.#change((budget, now) => ({ budget: learnAll(budget, now) }))
    } catch (error) {
      // The calls have been made, counted or not. Other processes learn from answers of their own.
      log.warn({ bucket: this.key.bucket, ...safeError(error) }, 'limit not shared with other processes')
      this.#budget = learnAll(this.#budget, time.now())
    }
  }

  /** All requests that wait at this moment share one round trip. */
  async #serve(): Promise<void> {
    const batch = this.#waiting.splice(0).sort(inOrder)
    if (batch.length === 0) return
    const { time } = this.#deps
    try {
      const { granted, prefetched, validUntil, waits } = await this.#change((budget, now) =>
        take(budget, now, batch),
      )
      this.#prefetched = prefetched + (this.#prefetchedAreValid(time.now()) ? this.#prefetched : 0)
      this.#prefetchedUntil = validUntil
      this.#prefetchedFrom = newest(this.#budget.windows)
      for (const [index, { resolve }] of batch.entries()) {
        resolve(index < granted ? undefined : new Date(waits[index - granted] ?? time.now()))
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  /** Repeats `step` on what is stored until no other process has changed it in the meantime. */
  async #change<T extends { readonly budget: Budget }>(step: (budget: Budget, now: number) => T): Promise<T> {
    const { store, time } = this.#deps
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const known = this.#known()
      const result = step(known, time.now())
      const { budget } = result
      if (budget === known) return result
      const opensAtTime = exhaustedUntil(budget, time.now())
      const until = opensAtTime === undefined ? undefined : new Date(opensAtTime)
      const swapped = await store.swap(this.key, { from: this.#version, budget, exhaustedUntil: until })
      time.observe(swapped.at)
      this.#version = swapped.stored.version
      this.#budget = swapped.stored.budget
      if (swapped.written) return result
    }
    throw new RetryLater('runs.limit_contended', 'Too many processes are counting this limit at once.', {
      kind: 'busy',
    })
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }
}

/** Requests for a place take none of the calls, so they come last. */
function inOrder(one: CallRequest, other: CallRequest): number {
  const { later = false, since = Infinity } = one
  const { later: otherLater = false, since: otherSince = Infinity } = other
  if (later !== otherLater) return later ? 1 : -1
  return since === otherSince ? 0 : since - otherSince
}

/** When the newest window began. */
function newest(windows: Budget['windows']): number {
  return Math.max(0, ...windows.map(({ startedAt }) => startedAt))
}
