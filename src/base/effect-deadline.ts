/**
 * Until when the calls of the current effect may be under way. `ensure` sets it around `make`, and the outbound client enforces it:
 * a worker that was paused after it announced its call sends nothing late, when another worker may already have searched for
 * the thing and made it itself. Without a deadline, no call with an effect is sent.
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
