/** Durations as people write them: `30m`, `6h`, `3d`. In seconds. */

/** Largest first. */
const units: ReadonlyMap<string, number> = new Map([
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
])

/** Undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text.trim()) ?? []
  const seconds = Number(count) * (units.get(unit) ?? 0)
  return seconds > 0 ? seconds : undefined
}

const words: ReadonlyMap<string, number> = new Map([
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
])

/** For people: `3 days`, in the largest unit of which there are two, rounded down. */
export function durationInWords(seconds: number): string {
  const [unit, size] = [...words].find(([, one]) => seconds >= 2 * one) ?? ['second', 1]
  const count = Math.floor(seconds / size)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** In the largest unit in which it is whole. */
export function durationText(seconds: number): string {
  const unit = [...units].find(([, size]) => seconds % size === 0)
  return unit === undefined ? `${seconds}s` : `${seconds / unit[1]}${unit[0]}`
}
