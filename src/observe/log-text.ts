/** A log line as people read it on a terminal: local time, level, message, fields. */
import { preciseMoment } from '../base/clock.ts'
import { withoutSteering } from '../base/plain-text.ts'

export interface TextOptions {
  readonly colour: boolean
  /** With the places of all errors, not only of the unexpected ones. */
  readonly places: boolean
}

const levels: Readonly<Record<number, readonly [name: string, colour: number]>> = {
  10: ['trace', 90],
  20: ['debug', 90],
  30: ['info', 32],
  40: ['warn', 33],
  50: ['error', 31],
  60: ['fatal', 31],
}

/** `line`: a JSON object with `level`, `time`, `msg` and the fields. */
export function asText(line: string, { colour, places }: TextOptions): string {
  const { level, time, msg, at, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>
  const [name, code] = levels[Number(level)] ?? [String(level), 0]
  const padded = name.padEnd(5)
  const facts = Object.entries(fields).map(([field, value]) => `${field}=${valueText(value)}`)
  const where = places || isUnexpected(fields['code']) ? frames(at) : []
  return [
    [
      preciseMoment(new Date(String(time))),
      colour ? `\u001b[${code}m${padded}\u001b[0m` : padded,
      withoutSteering([String(msg), ...facts].join(' ')),
    ].join(' '),
    ...where.map((frame) => `    ${withoutSteering(frame)}`),
    '',
  ].join('\n')
}

function valueText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  const [first = ''] = value.split('\n')
  return /^[^\s"=]+$/.test(first) ? first : JSON.stringify(first)
}

/** An error of the operating system or the database has a code; one of Node's own, such as ERR_INVALID_ARG_TYPE, is a bug. */
function isUnexpected(code: unknown): boolean {
  return typeof code !== 'string' || code.startsWith('ERR_')
}

function frames(at: unknown): readonly string[] {
  return Array.isArray(at) ? at.map(String) : []
}
