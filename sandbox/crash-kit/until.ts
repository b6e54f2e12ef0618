/** Waits for a condition instead of for time. */
import { systemClock } from '../../src/base/clock.ts'

type Ask<T> = () => Promise<T | undefined | false> | T | undefined | false

/** The first answer that is neither undefined nor false; throws what was waited for when the time is over. */
export async function until<T>(what: string, ask: Ask<T>, seconds = 60): Promise<T> {
  const answer = await within(seconds, ask)
  if (answer === undefined) throw new Error(`waited ${seconds} s for: ${what}`)
  return answer
}

/** The same; undefined when the time is over. */
export async function within<T>(seconds: number, ask: Ask<T>): Promise<T | undefined> {
  const giveUpAt = performance.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > giveUpAt) return undefined
    await systemClock.sleep(20)
  }
}
