/** What a rung found: the rows it tried, and every promise that did not hold. */
import { type CrashPoint, isCrashPoint, type Moment } from './crash-point.ts'
import { type Level, momentsOf, type Row } from './rows.ts'

/** One accident of one hire. */
export interface Accident {
  readonly account: string
  readonly row: Row
  readonly moment: Moment
}

export interface LevelReport {
  readonly rung: Level
  readonly accidents: readonly Accident[]
  /** Empty: everything held. */
  readonly violations: readonly string[]
}

/** Every moment of every row, each on a tenant of its own. */
export function accidentsOf(rows: readonly Row[], rung: Level): readonly Accident[] {
  const all = rows.flatMap((row) => momentsOf(row, rung).map((moment) => ({ row, moment })))
  return all.map((accident, index) => ({ ...accident, account: `${rung}-${index + 1}` }))
}

export function titleOf({ account, row, moment }: Accident): string {
  const times = row.nth === 1 ? '' : ` (time ${row.nth})`
  return `${account}: ${moment} ${row.boundary} ${row.step}${times}`
}

/** Only moments that the boundary has were listed. */
export function pointOf({ row, moment }: Pick<Accident, 'row' | 'moment'>): CrashPoint {
  const point = `${row.boundary}.${moment}`
  if (!isCrashPoint(point)) throw new Error(`${point} is no crash point`)
  return point
}

/** A violation names its tenant; people want to know what that one was about. */
export function named(violations: readonly string[], accidents: readonly Accident[]): readonly string[] {
  const titles = new Map(accidents.map((accident) => [accident.account, titleOf(accident)]))
  return violations.map((violation) => {
    const title = titles.get(/^[\w-]+/.exec(violation)?.[0] ?? '')
    return title === undefined ? violation : `${title} → ${violation.slice(violation.indexOf(' ') + 1)}`
  })
}
