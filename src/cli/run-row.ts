/** A run as a row of a list, within 80 columns, with the reason why it waits below it. */
import { counted, inWords } from '../base/duration.ts'
import { shortened, withoutSteering } from '../base/plain-text.ts'
import type { RunView } from '../operator/operate.ts'
import { table } from './table.ts'
import { relativeText, shortMoment } from './when.ts'

export interface NamedRun {
  readonly run: RunView
  readonly who: string
}

const columns = 80
const titles = ['CREATED', 'TENANT', 'APPLICATION', 'WHO', 'TO', 'STATE']
/** The columns that may be cut, with their smallest width; the others are short. */
const tenantColumn = 1
const whoColumn = 3
const leastOfColumn = 8

export function runTable(runs: readonly NamedRun[], now: Date): string {
  const cells = runs.map(({ run, who }) => [
    shortMoment(new Date(run.createdAt), now),
    run.tenant,
    run.subject,
    who,
    run.integration,
    stateText(run, now),
  ])
  const narrow = narrowed(narrowed(cells, whoColumn), tenantColumn)
  const [head = '', ...rows] = table(titles, narrow).split('\n')
  const below = runs.map(({ run }) => noteText(run, now))
  return [head, ...rows.flatMap((row, index) => (below[index] ? [row, `  ${below[index]}`] : [row]))].join(
    '\n',
  )
}

/** Cuts the column until the row fits or the column has its smallest width. */
function narrowed(rows: readonly (readonly string[])[], column: number): readonly (readonly string[])[] {
  const widths = titles.map((title, index) =>
    Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)),
  )
  const excess = widths.reduce((sum, width) => sum + width + 2, -2) - columns
  if (excess <= 0) return rows
  const most = Math.max(leastOfColumn, (widths[column] ?? 0) - excess)
  return rows.map((row) => row.map((cell, index) => (index === column ? shortened(cell, most) : cell)))
}

function stateText(run: RunView, now: Date): string {
  const { state, updatedAt, result } = run
  const did = result?.['did']
  if (state === 'done') return typeof did === 'string' ? `done: ${did}` : state
  if (state === 'refused' || state === 'cancelled') return state
  return `${state} ${inWords(Math.max(0, now.getTime() - new Date(updatedAt).getTime()))}`
}

/** One line: why the run is not done, and when it continues; or what a done run left out. */
function noteText(run: RunView, now: Date): string {
  const { state, reason, nextAt } = run
  if (state === 'done') {
    const warnings = warningsOf(run)
    return warnings === 0 ? '' : `${counted(warnings, 'warning')}: runs show ${run.subject}`
  }
  const again = nextAt === null ? '' : `Resumes ${relativeText(new Date(nextAt), now)}. `
  return shortened(`${again}${withoutSteering(reason ?? '')}`, columns - 2)
}

export function warningsOf({ result }: Pick<RunView, 'result'>): number {
  const warnings = result?.['warnings']
  return Array.isArray(warnings) ? warnings.length : 0
}
