/** What is logged, and how it is written. */
import { isatty } from 'node:tty'

import { z } from 'zod'

import type { LogStyle } from '../observe/log.ts'
import { variableMeta } from './variable.ts'

export const logVariables = {
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .prefault('info')
    .register(variableMeta, {
      description: 'The least severe lines that are logged.',
      accepts: '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`',
    }),
  LOG_FORMAT: z
    .enum(['json', 'text'])
    .optional()
    .register(variableMeta, {
      description:
        'How log lines are written: as JSON, or as text for people. Text has colours on a terminal only, and none where `NO_COLOR` ' +
        'is set. On AWS Lambda it is always JSON.',
      accepts: '`json` or `text`',
      unset: '`text` on a terminal, `json` elsewhere',
    }),
}

export type LogLevel = z.output<typeof logVariables.LOG_LEVEL>
type Environment = Readonly<Record<string, string | undefined>>

/** The level for lines logged before the rest of the environment is read; `readConfig` reports a faulty level. */
export function logLevelOf(env: Environment): LogLevel | undefined {
  const given = env['LOG_LEVEL']?.trim() ?? ''
  if (given === '') return undefined
  const checked = logVariables.LOG_LEVEL.safeParse(given)
  return checked.success ? checked.data : undefined
}

/** The log goes to standard error. */
export function logStyleOf(env: Environment, onTerminal = isatty(2)): LogStyle {
  const given = env['LOG_FORMAT']?.trim()
  const format = given === 'json' || given === 'text' ? given : onTerminal ? 'text' : 'json'
  return { format, colour: hasColours(env, onTerminal) }
}

/** https://no-color.org */
export function hasColours(env: Environment, onTerminal: boolean): boolean {
  return onTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}
