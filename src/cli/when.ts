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

/** For rows, at most twelve characters: `30 Nov 20:24`, or `30 Nov 2025` for another year. */
export function shortMoment(at: Date, now: Date): string {
  const isThisYear = at.getFullYear() === now.getFullYear()
  const part = isThisYear ? ({ hour: '2-digit', minute: '2-digit' } as const) : ({ year: 'numeric' } as const)
  const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(at)
  return `${day} ${new Intl.DateTimeFormat('en-GB', part).format(at)}`
}

/** For timelines: `2026-11-30 20:24:55.123`. */
export function preciseMoment(at: Date): string {
  // Swedish writes dates as ISO 8601 does.
  const seconds = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' }).format(at)
  return `${seconds}.${String(at.getMilliseconds()).padStart(3, '0')}`
}
