/** `--since`: so long ago, or a date. */
import type { Clock } from '../base/clock.ts'
import { secondsAfter } from '../base/clock.ts'
import { parseDuration } from '../base/duration.ts'
import { NeedsPerson } from '../base/failure.ts'
import type { OptionDefinition } from './command.ts'

export function sinceOption(description: string): OptionDefinition {
  return {
    name: 'since',
    value: 'TIME',
    description: `${description}: so long ago (7d, 12h), today, or a date`,
  }
}

export function sinceOf(text: string, clock: Clock): Date {
  const now = clock.now()
  const seconds = parseDuration(text)
  const date = () => (text === 'today' ? midnight(now) : dateOf(text))
  const since = seconds === undefined ? date() : secondsAfter(now, -seconds)
  if (since !== undefined && since <= now) return since
  throw new NeedsPerson('cli.not_a_time', `--since ${text} is no time in the past.`, {
    fix: 'Give a duration such as 30m, 12h or 7d, today, or a date such as 2026-01-31.',
  })
}

/** In this machine's time zone. */
function midnight(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate())
}

/** `2026-01-31` is midnight UTC; with a time, as ISO 8601 says it. */
function dateOf(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2}))?$/.test(text)) return undefined
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? undefined : date
}
