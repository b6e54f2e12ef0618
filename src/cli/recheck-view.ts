/** What a parked run resumes on, and its rechecks, as commands print them. */
import type { ResumesOn } from '../base/failure.ts'
import type { RecheckKind, RecheckView } from '../runs/watch.ts'
import { relativeText } from './when.ts'

const changes: Readonly<Record<Exclude<ResumesOn, 'person'>, string>> = {
  connection: 'settings or secrets of the connection change',
  record: 'the application changes in Pinpoint',
  destination: 'the destination has what was missing',
}

/** `resumesOn` comes first; each recheck is one more change on which it resumes. */
export function goesOn(resumesOn: ResumesOn, rechecks: readonly RecheckView[]): string {
  const kinds = [resumesOn, ...rechecks.map(({ what }) => what)]
  const told = [...new Set(kinds)].flatMap((kind) =>
    kind === 'person' || kind === 'hired' ? [] : [changes[kind]],
  )
  const byHand = 'runs resume RUN'
  return told.length === 0
    ? `when you say so: ${byHand}`
    : `automatically when ${told.join(', or ')}; or now: ${byHand}`
}

const titles: Readonly<Record<RecheckKind, string>> = {
  record: 'the application in Pinpoint',
  destination: 'the destination',
  hired: 'whether it is still hired',
}

export function recheckText(
  { what, name, times: count, checkedAt, nextAt, code }: RecheckView,
  now: Date,
): string {
  const title = name === '' ? titles[what] : `${titles[what]} (${name})`
  const last =
    checkedAt === null ? 'not yet' : `${times(count)}, last ${relativeText(new Date(checkedAt), now)}`
  const failed = code === null ? '' : ` without success (${code})`
  return `${title}: ${last}${failed}, next recheck ${relativeText(new Date(nextAt), now)}`
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
