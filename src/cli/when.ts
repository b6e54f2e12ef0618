/** Times as people read them: `30 Nov 2026, 22:31 CET`, `2 minutes ago`. In the machine's time zone unless another is given. */
import { inWords } from '../base/duration.ts'

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

export function relativeText(at: Date, now: Date): string {
  const away = at.getTime() - now.getTime()
  if (Math.abs(away) < 1000) return 'now'
  return away > 0 ? `in ${inWords(away)}` : `${inWords(-away)} ago`
}

/** `in 2 minutes, 30 Nov 2026, 22:31 CET` */
export function whenText(at: Date, now = new Date()): string {
  return `${relativeText(at, now)}, ${momentText(at)}`
}

/** For rows, at most twelve characters: `30 Nov 20:24`, or `30 Nov 2025` for another year. */
export function shortMoment(at: Date, now: Date): string {
  const isThisYear = at.getFullYear() === now.getFullYear()
  const part = isThisYear ? ({ hour: '2-digit', minute: '2-digit' } as const) : ({ year: 'numeric' } as const)
  const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(at)
  return `${day} ${new Intl.DateTimeFormat('en-GB', part).format(at)}`
}
