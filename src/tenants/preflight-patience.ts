/** A client that waits for exhausted limits instead of failing: for commands that read a lot and have time. */
import type { Clock } from '../base/clock.ts'
import { RetryLater } from '../base/failure.ts'
import type { Http, OpenHttp } from '../base/http.ts'

export interface Patience {
  readonly clock: Clock
  /** How long all waits together may take, in seconds. */
  readonly atMostSeconds: number
  readonly onWait: (until: Date) => void
}

/** Any other failure is thrown, and so is a limit that is exhausted for too long. */
export function patient(openHttp: OpenHttp, { clock, atMostSeconds, onWait }: Patience): OpenHttp {
  let left = atMostSeconds * 1000

  async function waited(error: unknown): Promise<boolean> {
    if (!(error instanceof RetryLater) || !error.free || error.after === undefined) return false
    const milliseconds = Math.max(0, error.after.getTime() - clock.now().getTime())
    if (milliseconds > left) return false
    // At least a second each, so that a limit that never ends uses the time up.
    left -= Math.max(1000, milliseconds)
    onWait(error.after)
    await clock.sleep(milliseconds)
    return true
  }

  async function sendPatiently(http: Http, request: Parameters<Http['send']>[0]): ReturnType<Http['send']> {
    for (;;) {
      try {
        return await http.send(request)
      } catch (error) {
        if (!(await waited(error))) throw error
      }
    }
  }

  return (options) => {
    const http = openHttp(options)
    return { send: (request) => sendPatiently(http, request) }
  }
}
