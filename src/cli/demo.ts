/** `demo`: one hire from webhook to comment, against a sandbox. */
import { logLevelOf, logStyleOf } from '../config/logging.ts'
import { createLog } from '../observe/log.ts'
import type { Command } from './command.ts'
import { exitCodes } from './exit-code.ts'

export const demo: Command = {
  name: 'demo',
  summary: 'Show one hire from webhook to comment, against a sandbox',
  details:
    'Starts a fake Pinpoint and a fake HiBob on loopback and the service on an embedded PostgreSQL in a temporary folder, ' +
    'posts one signed webhook, and shows each step. Stays up until Ctrl-C, so that more can be sent. LOG_LEVEL adds the ' +
    "service's own log.",
  options: [
    {
      name: 'once',
      description: 'End when the hire is complete: 0 with one employee, one CV, one comment; else 1',
    },
  ],
  examples: ['demo', 'demo --once'],
  prints: 'stream',
  database: 'none',
  async run({ input, config, environment, log: ownLog, print, signal }) {
    // Loaded on demand: the service does not need the sandbox in memory.
    const { runDemo } = await import('./demo/run-demo.ts')
    // Warnings about the demo itself, such as calls to loopback, would only distract.
    const log = logLevelOf(environment) === undefined ? createLog('error', logStyleOf(environment)) : ownLog
    const complete = await runDemo({ config: config(), log, print, signal, once: input.flag('once') })
    return { exitCode: complete ? exitCodes.ok.code : exitCodes.refused.code }
  },
}
