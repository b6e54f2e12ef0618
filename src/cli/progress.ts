/** How far something is that takes longer than a second: once a second, on standard error. */
import type { Clock } from '../base/clock.ts'

const everyMilliseconds = 1000

/** Tells only now and then of what is told to it. */
export function nowAndThen(clock: Clock, print: (line: string) => void): (line: string) => void {
  let last = clock.now().getTime()
  return (line) => {
    const now = clock.now().getTime()
    if (now - last < everyMilliseconds) return
    last = now
    print(line)
  }
}
