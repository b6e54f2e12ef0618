/**
 * Until when the calls of the effect that is being made may be under way. `ensure` sets it around `make`, the outbound client
 * obeys it: a worker that was paused after it had announced its call sends nothing late, when another one may already have
 * looked and made the thing itself. Without it no call that makes something is sent at all.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const deadlines = new AsyncLocalStorage<Date>()

export function makingUntil<T>(deadline: Date, make: () => Promise<T>): Promise<T> {
  return deadlines.run(deadline, make)
}

/** Undefined outside `make`. */
export function effectDeadline(): Date | undefined {
  return deadlines.getStore()
}
