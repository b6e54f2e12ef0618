/**
 * How late the event loop is. prom-client's own gauges of it look a hundred times a second, which was half of what an idle service
 * did, and count the time between two looks as lag.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

import { Gauge, type Registry } from 'prom-client'

const everyMilliseconds = 100
const nameOf = (what: string) => `nodejs_eventloop_lag_${what}_seconds`

/** In place of those that prom-client has registered. */
export function addEventLoopLag(registry: Registry): void {
  for (const what of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])
    registry.removeSingleMetric(nameOf(what))

  const looks = monitorEventLoopDelay({ resolution: everyMilliseconds })
  looks.enable()
  add('mean', () => looks.mean)
  add('p50', () => looks.percentile(50))
  add('p90', () => looks.percentile(90))
  add('p99', () => looks.percentile(99))
  add('max', () => {
    const { max } = looks
    // The last of a scrape.
    looks.reset()
    return max
  })

  function add(what: string, nanoseconds: () => number): void {
    new Gauge({
      name: nameOf(what),
      help: `How late the event loop was since the last scrape, in seconds: ${what}`,
      registers: [registry],
      collect() {
        // Not a number when nobody has looked since.
        this.set(Math.max(0, nanoseconds() / 1e9 - everyMilliseconds / 1000) || 0)
      },
    })
  }
}
