/** Clients that may make things outside `ensure`, for tests of the clients themselves. */
import { secondsAfter, systemClock } from '../../src/base/clock.ts'
import { makingUntil } from '../../src/base/effect-deadline.ts'
import type { OpenHttp } from '../../src/base/http.ts'

export function making(openHttp: OpenHttp): OpenHttp {
  return (options) => {
    const http = openHttp(options)
    return { send: (request) => makingUntil(secondsAfter(systemClock.now(), 30), () => http.send(request)) }
  }
}
