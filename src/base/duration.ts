/** Durations as people write them in settings (`30m`, `6h`, `3d`; in seconds), and counts and durations as people read them. */

/** Largest first. */
const units: ReadonlyMap<string, number> = new Map([
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
])

/** Undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text.trim()) ?? []
  const seconds = Number(count) * (units.get(unit) ?? 0)
  return seconds > 0 ? seconds : undefined
}

/** In the largest unit that divides it. */
export function durationText(seconds: number): string {
  const unit = [...units].find(([, size]) => seconds % size === 0)
  return unit === undefined ? `${seconds}s` : `${seconds / unit[1]}${unit[0]}`
}

/** `1 run`, `2 runs`; `many` where the plural has a form of its own. */
export function counted(count: number, noun: string, many = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : many}`
}

const wordUnits = [
  { name: 'day', milliseconds: 86_400_000 },
  { name: 'hour', milliseconds: 3_600_000 },
  { name: 'minute', milliseconds: 60_000 },
  { name: 'second', milliseconds: 1000 },
] as const

/** In the largest unit of which there are two, or else the one below it: `90 minutes`, `36 hours`, `2 days`. */
export function inWords(milliseconds: number): string {
  const unit = wordUnits.find((one) => milliseconds >= 2 * one.milliseconds) ?? wordUnits[3]
  return counted(Math.round(milliseconds / unit.milliseconds), unit.name)
}
