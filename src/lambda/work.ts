/**
 * The work function, nudged after each delivery that made work, and every minute. Each invocation opens what it needs and
 * closes it again: between two of them an instance is frozen, and nothing of ours may be left in it.
 */
import '../base/jitless.ts'

import { Failure } from '../base/failure.ts'
import { type Config, logLevelOf, processEnvironment } from '../config/environment.ts'
import { createLog, safeError } from '../observe/log.ts'
import { readLambdaSettings } from './environment.ts'
import { createInvoker } from './nudge.ts'
import { readSecretConfig } from './secrets.ts'
import { type Invocation, type ShiftReport, workShift } from './shift.ts'

const log = createLog(logLevelOf(processEnvironment) ?? 'info')
const metricsLog = createLog('info')
const settings = readLambdaSettings(processEnvironment)
const readConfig = () => readSecretConfig(processEnvironment, settings)

// Read once, while the instance starts; what fails then is read, and reported, by the first invocation.
let config: Config | undefined = await readConfig().catch(() => undefined)

export async function handler(_event: unknown, invocation: Invocation): Promise<ShiftReport> {
  try {
    config ??= await readConfig()
    const report = await workShift(config, invocation, { log, metricsLog })
    if (report.more) await createInvoker(settings.workFunction, log).send()
    return report
  } catch (error) {
    // A password that was changed meanwhile is one reason: the next invocation reads the secrets again.
    config = undefined
    log.error(safeError(error), 'the work function cannot work; its schedule tries again within a minute')
    throw new ShiftFailed(error)
  }
}

/** Lambda logs the whole text of what is thrown, and that of an unknown error can quote anything. */
class ShiftFailed extends Error {
  override readonly name = 'ShiftFailed'

  constructor(error: unknown) {
    super(
      error instanceof Failure
        ? `${error.code}: ${error.message}`
        : 'An unexpected error; the log line before tells where.',
    )
  }
}
