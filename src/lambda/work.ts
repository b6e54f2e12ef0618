/**
 * The work function, invoked after each delivery that made work, and every minute. Each invocation opens what it needs and
 * closes it again: between invocations an instance is frozen, and must have nothing open.
 */
import '../base/jitless.ts'

import { Failure } from '../base/failure.ts'
import { type Config, processEnvironment } from '../config/environment.ts'
import { logLevelOf } from '../config/logging.ts'
import { createLog, safeError } from '../observe/log.ts'
import { readLambdaSettings } from './environment.ts'
import { type Invocation, performInvocation, type WorkReport } from './invocation.ts'
import { createInvoker } from './invoke.ts'
import { readSecretConfig } from './secrets.ts'

const log = createLog(logLevelOf(processEnvironment) ?? 'info')
const metricsLog = createLog('info')
const settings = readLambdaSettings(processEnvironment)
const readConfig = () => readSecretConfig(processEnvironment, settings)

// Read once, while the instance starts; on failure the first invocation reads again, and reports.
let config: Config | undefined = await readConfig().catch(() => undefined)

export async function handler(_event: unknown, invocation: Invocation): Promise<WorkReport> {
  try {
    config ??= await readConfig()
    const report = await performInvocation(config, invocation, { log, metricsLog })
    if (report.more) await createInvoker(settings.workFunction, log).send()
    return report
  } catch (error) {
    // The cause may be a changed password: the next invocation reads the secrets again.
    config = undefined
    log.error(safeError(error), 'the work function cannot work; its schedule tries again within a minute')
    throw new InvocationFailed(error)
  }
}

/** Lambda logs the whole text of an error, and an unknown error's text may contain anything. */
class InvocationFailed extends Error {
  override readonly name = 'InvocationFailed'

  constructor(error: unknown) {
    super(
      error instanceof Failure
        ? `${error.code}: ${error.message}`
        : 'An unexpected error; the previous log line has the place.',
    )
  }
}
