/** Whether something has happened a moment ago. */
import type { Clock } from './clock.ts'

export interface Recently {
  readonly note: () => void
  readonly recently: () => boolean
}

export function createRecently(clock: Clock, milliseconds: number): Recently {
  let until = -Infinity
  return {
    note: () => {
      until = clock.now().getTime() + milliseconds
    },
    recently: () => clock.now().getTime() < until,
  }
}
