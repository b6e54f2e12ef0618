/** Moments and durations as people read them: `30 Nov 2026, 22:31 CET`, `2 minutes ago`. Moments are in the machine's zone unless one is given. */

export const machineZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

export function momentText(at: Date, zone = machineZone()): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
    timeZoneName: 'short',
  }).format(at)
}

const units = [
  { name: 'day', milliseconds: 86_400_000 },
  { name: 'hour', milliseconds: 3_600_000 },
  { name: 'minute', milliseconds: 60_000 },
  { name: 'second', milliseconds: 1000 },
] as const

/** In the largest unit of which there are two, or else the one below it: `90 minutes`, `36 hours`, `2 days`. */
export function inWords(milliseconds: number): string {
  const unit = units.find((one) => milliseconds >= 2 * one.milliseconds) ?? units[3]
  return counted(Math.round(milliseconds / unit.milliseconds), unit.name)
}

export function relativeText(at: Date, now: Date): string {
  const away = at.getTime() - now.getTime()
  if (Math.abs(away) < 1000) return 'now'
  return away > 0 ? `in ${inWords(away)}` : `${inWords(-away)} ago`
}

/** `1 run`, `2 runs`; `many` where the plural has a form of its own. */
export function counted(count: number, noun: string, many = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : many}`
}
