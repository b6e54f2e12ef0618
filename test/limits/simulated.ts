/** A destination that counts, processes that call it, and the row they share, all on one virtual clock. */
import type { Clock } from '../../src/base/clock.ts'
import type { ConnectionId } from '../../src/base/ids.ts'
import {
  type DeclaredWindow,
  type KnownLimit,
  type LimitKey,
  type RateLimitHeaders,
  unknownBudget,
} from '../../src/base/rate-limit.ts'
import { createConnectionLimits } from '../../src/limits/connection-limits.ts'
import type { LimitStore } from '../../src/limits/ports.ts'
import { silentLog } from '../../src/observe/log.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'

export const key: LimitKey = {
  scope: 'con_1',
  connection: 'con_1' as ConnectionId,
  bucket: 'hibob.search',
}

/** One row, compared and swapped, each time after a moment: others get in between. */
export function memoryStore(clock: Clock, latency: () => number) {
  let stored: KnownLimit = { key, version: 0, budget: unknownBudget }
  let roundTrips = 0
  const store: LimitStore = {
    async swap(_key, { from, budget }) {
      roundTrips++
      await clock.sleep(latency())
      const written = stored.version === from
      if (written)
        stored = { key, version: from + 1, budget: JSON.parse(JSON.stringify(budget)) as typeof budget }
      const at = clock.now()
      await clock.sleep(latency())
      return { written, stored, at }
    },
  }
  return { store, roundTrips: () => roundTrips, stored: () => stored }
}

export type HeaderShape = 'epoch' | 'seconds' | 'only-429'

export interface ServerOptions {
  readonly windows: readonly DeclaredWindow[]
  /** Windows begin with the first call, or at the full minute. */
  readonly aligned: boolean
  readonly shape: HeaderShape
  readonly skew: number
  /** Every so many answers carry no headers, as HiBob's 400. */
  readonly silentEvery: number
}

export interface Counted {
  readonly at: number
  readonly status: 200 | 429
}

/** Counts as HiBob and Pinpoint do: fixed windows, each opened by its first call, or aligned. */
export function countingServer(clock: VirtualClock, options: ServerOptions) {
  const calls: Counted[] = []
  const open = options.windows.map((window) => ({ ...window, endsAt: 0, used: 0 }))
  const theirs = clock.skewed(options.skew)

  function roll(at: number): void {
    for (const window of open) {
      if (at < window.endsAt) continue
      const length = window.seconds * 1000
      window.endsAt = options.aligned ? Math.floor(at / length) * length + length : at + length
      window.used = 0
    }
  }

  return {
    calls,
    call(): RateLimitHeaders {
      const at = clock.now().getTime()
      roll(at)
      const full = open.filter(({ used, calls: allowed }) => used >= allowed)
      if (full.length === 0) for (const window of open) window.used++
      calls.push({ at, status: full.length === 0 ? 200 : 429 })
      const tightest = open[0]!
      // Whole seconds, by a clock of its own, compared with its own `Date`, as src/outbound/rate-limit-headers.ts does.
      const date = Math.floor(theirs.now().getTime() / 1000)
      const reset = Math.ceil((tightest.endsAt + options.skew) / 1000)
      const resetsInSeconds =
        options.shape === 'epoch' ? reset - date : Math.ceil((tightest.endsAt - at) / 1000)
      const silent = options.shape === 'only-429' || calls.length % options.silentEvery === 0
      const told = silent
        ? {}
        : {
            window: {
              allowed: tightest.calls,
              remaining: Math.max(0, tightest.calls - tightest.used),
              resetsInSeconds,
            },
          }
      if (full.length === 0) return told
      const until = Math.max(...full.map(({ endsAt }) => endsAt))
      return { ...told, retryInSeconds: Math.max(1, Math.ceil((until - at) / 1000)) }
    },
  }
}

export interface ProcessOptions {
  readonly skew: number
  readonly store: LimitStore
  readonly stored: () => KnownLimit
  readonly latency: () => number
  readonly declared: readonly DeclaredWindow[]
  readonly server: { call(): RateLimitHeaders }
}

/** One process: `run` makes one call as a run does, coming back when it is told to. */
export function callingProcess(options: ProcessOptions & { readonly virtual: VirtualClock }) {
  const { latency, server, declared, virtual } = options
  const limits = createConnectionLimits({
    store: options.store,
    clock: virtual.skewed(options.skew),
    log: silentLog,
  })
  const limit = limits.of(key)
  return {
    limits,
    async run(): Promise<void> {
      for (let reserved = false; ; reserved = true) {
        // A claim tells what the database knows, and its time.
        limits.know([options.stored()], virtual.now())
        const comeBack = await limit.take({ calls: 1, reserved })
        if (comeBack === undefined) {
          const answered = limit.start(declared)
          await virtual.sleep(latency())
          const told = server.call()
          await virtual.sleep(latency())
          const rests = await answered(told)
          if (told.retryInSeconds === undefined) return
          await until(rests ?? virtual.now())
        } else await until(comeBack)
      }
    },
  }

  /** As the queue does: at its time by the database's clock, and up to two seconds later. */
  async function until(at: Date): Promise<void> {
    await virtual.sleep(at.getTime() - virtual.now().getTime() + latency() * 10)
  }
}
