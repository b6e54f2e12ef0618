/** Fixed windows of calls, opened by the first call: how HiBob and Pinpoint count. */
import type { Clock } from '../src/base/clock.ts'

export interface WindowState {
  readonly limit: number
  /** Never below zero. */
  readonly remaining: number
  /** When the window ends, Unix time in seconds. */
  readonly resetAt: number
  readonly resetInSeconds: number
  readonly exceeded: boolean
}

export interface RateWindows {
  take(key: string, limit: number, seconds?: number): WindowState
  reset(): void
}

export function openRateWindows(clock: Clock): RateWindows {
  const windows = new Map<string, { readonly endsAt: number; used: number }>()
  return {
    take(key, limit, seconds = 60) {
      const now = clock.now().getTime()
      let window = windows.get(key)
      if (!window || window.endsAt <= now) {
        window = { endsAt: now + seconds * 1000, used: 0 }
        windows.set(key, window)
      }
      const exceeded = window.used >= limit
      if (!exceeded) window.used++
      return {
        limit,
        remaining: Math.max(0, limit - window.used),
        resetAt: Math.ceil(window.endsAt / 1000),
        resetInSeconds: Math.max(1, Math.ceil((window.endsAt - now) / 1000)),
        exceeded,
      }
    },
    reset: () => windows.clear(),
  }
}
