/** Structured logs, one line per event: JSON, or text for a terminal. Lines contain ids, codes and counts: never names, e-mails, secrets or URLs of CVs. */
import { pino } from 'pino'

import { Failure } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import { asText } from './log-text.ts'

/** The part of a logger that rooms use. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface LogStyle {
  readonly format: 'json' | 'text'
  readonly colour: boolean
  /** Called before each line of text. */
  readonly beforeText?: () => void
}

export function createLog(level: string, style: LogStyle = { format: 'json', colour: false }): Log {
  // Synchronous: the line just before a crash is the one that is needed, and a Lambda is frozen once it has answered.
  // https://github.com/pinojs/pino/blob/main/docs/asynchronous.md
  const stream = pino.destination({ fd: 2, sync: true })
  const options = { colour: style.colour, places: level === 'debug' || level === 'trace' }
  const text = {
    write(line: string) {
      style.beforeText?.()
      stream.write(asText(line, options))
    },
  }
  const settings = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  return pino(settings, style.format === 'text' ? text : stream)
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/**
 * What a log line may contain of an error. The text of an unknown error can quote anything (a row, an answer of a
 * destination), so only its class, its code and its place are logged; a Failure's text is ours and safe.
 */
export function safeError(error: unknown): JsonObject {
  if (error instanceof Failure) return { error: error.name, code: error.code, text: error.message }
  if (!(error instanceof Error)) return { error: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return { error: error.name, ...code, at: frames.slice(0, 6).map((line) => line.trim()) }
}
