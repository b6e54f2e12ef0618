/** Waits for a condition instead of for time. */
import { setTimeout as pause } from 'node:timers/promises'

/** The first answer that is neither undefined nor false; throws what was waited for when the time is over. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  seconds = 30,
): Promise<T> {
  const giveUpAt = performance.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > giveUpAt) throw new Error(`waited ${seconds} s for: ${what}`)
    await pause(20)
  }
}
