/**
 * Lambda's queue of asynchronous invocations: kept while no instance is free, tried again when an invocation failed, and now
 * and then delivered twice. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
 */
import type { Random } from '../../simulation/random.ts'
import type { Fleet } from './fleet.ts'

/** Lambda says that it may happen, not how often. */
const deliveredTwice = 0.02

export interface AsyncQueue {
  push(event: unknown): void
  /** Waiting, under way, or to be tried again. */
  open(): number
  counts(): { readonly events: number; readonly retried: number; readonly givenUp: number }
  /** What went wrong here, not in the function: the scenario itself is broken then. */
  broken(): unknown
}

export function createAsyncQueue(
  fleet: Fleet,
  {
    retries,
    minuteMilliseconds,
    random,
  }: { readonly retries: number; readonly minuteMilliseconds: number; readonly random: Random },
): AsyncQueue {
  const waiting: { readonly event: unknown; readonly tries: number }[] = []
  const counts = { events: 0, retried: 0, givenUp: 0 }
  let open = 0
  let broken: unknown

  function dispatch(): void {
    while (fleet.hasRoom()) {
      const next = waiting.shift()
      if (next === undefined) return
      run(next).catch((error: unknown) => (broken ??= error))
    }
  }

  async function run({ event, tries }: { readonly event: unknown; readonly tries: number }): Promise<void> {
    const { how } = await fleet.invoke(event)
    if (how === 'answered') {
      open--
    } else if (tries < retries) {
      counts.retried++
      // A minute before the first retry, two before the second.
      setTimeout(() => enqueue(event, tries + 1), (tries + 1) * minuteMilliseconds)
    } else {
      counts.givenUp++
      open--
    }
    dispatch()
  }

  function enqueue(event: unknown, tries: number): void {
    waiting.push({ event, tries })
    dispatch()
  }

  return {
    push(event) {
      const times = random.happens(deliveredTwice) ? 2 : 1
      counts.events++
      open += times
      for (let time = 0; time < times; time++) enqueue(event, 0)
    },
    open: () => open,
    counts: () => ({ ...counts }),
    broken: () => broken,
  }
}
