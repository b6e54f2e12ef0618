/** `--limit`, for lists. */
import type { Input, OptionDefinition } from './command.ts'
import { WrongUsage } from './wrong-usage.ts'

export const limitOption: OptionDefinition = {
  name: 'limit',
  value: 'N',
  description: 'Show at most this many',
  default: '50',
}

export function limitOf(input: Input): number {
  return givenLimit(input) ?? 50
}

/** Undefined: none is given, where the option has no default. */
export function givenLimit(input: Input): number | undefined {
  const text = input.option('limit')
  if (text === undefined) return undefined
  const limit = Number(text)
  if (/^\d+$/.test(text) && limit >= 1 && limit <= 100_000) return limit
  throw new WrongUsage('cli.limit_invalid', `"${text}" is not a limit.`, {
    fix: 'Give a number from 1 to 100000.',
  })
}
