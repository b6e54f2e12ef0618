/** `--rate`: a number per second, minute or hour. */
import type { OptionDefinition } from './command.ts'
import { WrongUsage } from './wrong-usage.ts'

const perHour: ReadonlyMap<string, number> = new Map([
  ['s', 3600],
  ['m', 60],
  ['h', 1],
])

export function rateOption(description: string, usual: string): OptionDefinition {
  return { name: 'rate', value: 'N/UNIT', description: `${description}: 5/s, 60/m, 100/h`, default: usual }
}

/** Per hour. */
export function rateOf(text: string): number {
  const [, count, unit = ''] = /^(\d{1,5})\/([smh])$/.exec(text) ?? []
  const rate = Number(count) * (perHour.get(unit) ?? 0)
  if (rate > 0) return rate
  throw new WrongUsage('cli.rate_invalid', `"${text}" is not a rate.`, {
    fix: 'Give a number and a unit, such as 5/s, 60/m or 100/h.',
  })
}
