/** The receive function, behind a function URL: the service's HTTP, and an invocation for the work that a request has made. */
import '../base/jitless.ts'

import { processEnvironment } from '../config/environment.ts'
import { logLevelOf } from '../config/logging.ts'
import { within } from '../http/within.ts'
import { createLog, safeError } from '../observe/log.ts'
import { readLambdaSettings } from './environment.ts'
import {
  bindingsOf,
  type FunctionUrlEvent,
  type FunctionUrlResult,
  toRequest,
  toResult,
} from './function-url.ts'
import { createInvoker } from './invoke.ts'
import { openReceiver } from './receiver.ts'
import { readSecretConfig } from './secrets.ts'
import { createWarmResource } from './warm-resource.ts'

/** Pinpoint waits five seconds for its answer, and this precedes the storing. */
const readyMilliseconds = 4_000

const log = createLog(logLevelOf(processEnvironment) ?? 'info')
const receiver = createWarmResource(async () => {
  const settings = readLambdaSettings(processEnvironment)
  const config = await readSecretConfig(processEnvironment, settings)
  return openReceiver(config, { log, invoker: createInvoker(settings.workFunction, log) })
}, log)

// While the instance starts, with the whole processor. If it fails, the first request tries again, which can
// be answered with 503 instead of a failed function.
try {
  await receiver.get()
} catch (error) {
  log.error(safeError(error), 'the receive function started without its database')
}

export async function handler(event: FunctionUrlEvent): Promise<FunctionUrlResult> {
  try {
    const { app, invokeIfDue } = await within(receiver.get(), readyMilliseconds)
    const response = await app.fetch(toRequest(event), bindingsOf(event))
    await invokeIfDue()
    return await toResult(response)
  } catch (error) {
    log.error(safeError(error), 'the receive function cannot work')
    return {
      statusCode: 503,
      headers: { 'content-type': 'application/json', 'retry-after': '5' },
      body: JSON.stringify({
        error: 'not_stored',
        message: 'The delivery could not be stored. Send it again.',
      }),
      isBase64Encoded: false,
    }
  }
}
