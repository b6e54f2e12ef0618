/** `--since`: a time ago, or a date. */
import type { Clock } from '../base/clock.ts'
import { secondsAfter } from '../base/clock.ts'
import { parseDuration } from '../base/duration.ts'
import type { Input, OptionDefinition } from './command.ts'
import { WrongUsage } from './wrong-usage.ts'

export function sinceOption(description: string): OptionDefinition {
  return {
    name: 'since',
    value: 'TIME',
    description: `${description}: a time ago (7d, 12h), today, or a date; days begin in this machine's time zone`,
  }
}

/** Undefined: `--since` was not given. */
export function givenSince(input: Input, clock: Clock): Date | undefined {
  const text = input.option('since')
  return text === undefined ? undefined : sinceOf(text, clock)
}

export function sinceOf(text: string, clock: Clock): Date {
  const now = clock.now()
  const seconds = parseDuration(text)
  const date = () => (text === 'today' ? midnight(now) : dateOf(text))
  const since = seconds === undefined ? date() : secondsAfter(now, -seconds)
  if (since !== undefined && since <= now) return since
  throw new WrongUsage('cli.not_a_time', `--since ${text} is no time in the past.`, {
    fix: 'Give a duration such as 30m, 12h or 7d, today, a date such as 2026-01-31, or a time such as 2026-01-31T09:00Z.',
  })
}

/** In this machine's time zone. */
function midnight(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate())
}

/** `2026-01-31` begins in this machine's time zone; a time names its own, as in ISO 8601. */
function dateOf(text: string): Date | undefined {
  const [, day, time = 'T00:00'] = /^(\d{4}-\d{2}-\d{2})(T[\d:.]+(?:Z|[+-]\d{2}:?\d{2}))?$/.exec(text) ?? []
  if (day === undefined || !isDay(day)) return undefined
  const date = new Date(`${day}${time}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** `Date` would turn 31 February into a day of March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}
