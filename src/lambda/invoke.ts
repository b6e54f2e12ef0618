/** Invokes the work function at once. Best effort: a lost invocation costs at most a minute. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'

import { within } from '../http/within.ts'
import { type Log, safeError } from '../observe/log.ts'

/** The sender of the webhook waits for this too. */
const atMostMilliseconds = 1_000

export interface Invoker {
  /** Never throws, and ends within a second. */
  send(): Promise<void>
}

export function createInvoker(workFunction: string, log: Log): Invoker {
  // Connections outlive a freeze and may be dead after it: the second attempt opens a new one.
  const client = new LambdaClient({ maxAttempts: 2 })
  const invoke = new InvokeCommand({
    FunctionName: workFunction,
    InvocationType: 'Event',
    Payload: Buffer.from(JSON.stringify({ source: 'invoke' })),
  })
  return {
    async send() {
      const abort = new AbortController()
      try {
        await within(client.send(invoke, { abortSignal: abort.signal }), atMostMilliseconds)
      } catch (error) {
        log.warn(
          safeError(error),
          'the work function was not invoked; its schedule finds the work within a minute',
        )
      } finally {
        // No call may be under way when this process is frozen.
        abort.abort()
      }
    },
  }
}
