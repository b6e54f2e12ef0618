/** Shows the progress of a command that takes longer than a second: one line on standard error, rewritten, and removed at the end. */
import type { Clock } from '../base/clock.ts'
import { shortened } from '../base/plain-text.ts'

const everyMilliseconds = 1000
/** A wrapped line could not be rewritten. */
const columns = 78

export interface Progress {
  readonly show: (line: string) => void
  /** Removes the line, so that another can be printed. */
  readonly clear: () => void
  end(): Promise<void>
}

export const noProgress: Progress = { show: () => {}, clear: () => {}, end: () => Promise.resolve() }

/** `write` goes to the terminal. A command that ends within a second shows nothing. */
export function createProgress(write: (text: string) => void, clock: Clock): Progress {
  let latest = ''
  let drawn = ''
  const clear = () => {
    if (drawn !== '') write('\r\u001b[K')
    drawn = ''
  }
  const draw = () => {
    if (latest === drawn || latest === '') return
    clear()
    write((drawn = shortened(latest, columns)))
  }
  const ending = new AbortController()
  const drawing = (async () => {
    for (;;) {
      await clock.sleep(everyMilliseconds, ending.signal)
      if (ending.signal.aborted) return
      draw()
    }
  })()
  return {
    show: (line) => (latest = line),
    clear,
    async end() {
      ending.abort()
      await drawing
      clear()
    },
  }
}
