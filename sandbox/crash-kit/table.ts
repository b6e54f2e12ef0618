/** The matrix as a table: a line for each call of a hire, a column for each accident, in the cells when it happens. */
import type { Moment } from './crash-point.ts'
import type { LevelReport } from './report.ts'
import { type Level, levels, momentsOf, type Row } from './rows.ts'
import { plainHire } from './subject.ts'

/** Label of a line → its cell. */
export type Column = Readonly<Record<string, string>>

const titles: Readonly<Record<Level, string>> = {
  throw: 'an error',
  database: 'database lost',
  killed: 'SIGKILL',
  paused: 'paused',
  outside: 'call or answer lost',
}

export function tableOf(rows: readonly Row[]): string {
  const columns = levels.map((rung) => ({
    title: titles[rung],
    cells: columnOf(rows.flatMap((row) => momentsOf(row, rung).map((moment) => ({ row, moment })))),
  }))
  const header = ['call', 'of', ...columns.map(({ title }) => title)]
  const lines = rows.map((row) => {
    const label = labelOf(row)
    return [label, ...columns.map(({ cells }) => cells[label] ?? '')].join(' | ')
  })
  return [header.join(' | '), header.map(() => '---').join(' | '), ...lines]
    .map((line) => `| ${line} |`)
    .join('\n')
}

/** What a rung has tried, as its column. */
export function columnOf(accidents: LevelReport['accidents'] | readonly Tried[]): Column {
  const cells = new Map<string, string[]>()
  for (const { row, moment } of accidents) {
    const label = labelOf(row)
    cells.set(label, [...(cells.get(label) ?? []), moment])
  }
  return Object.fromEntries([...cells].map(([label, moments]) => [label, moments.join(', ')]))
}

interface Tried {
  readonly row: Row
  readonly moment: Moment
}

/** The same column, read from a page that has the table below the heading `## name`. */
export function columnOnPage(page: string, name: string, rung: Level): Column {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${name}\n`)) ?? ''
  const cells = section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(2, -2).split(' | '))
    .map((cell): [string, string] => [cell.slice(0, 2).join(' | '), cell[2 + levels.indexOf(rung)] ?? ''])
  return Object.fromEntries(cells.filter(([, moments]) => moments !== ''))
}

export function labelOf({ boundary, step, nth, scenario }: Row): string {
  const times = nth === 1 ? '' : ` (time ${nth})`
  const when = scenario === plainHire ? '' : `${step === '' ? '' : ', '}when ${scenario.title}`
  return `\`${boundary}\` | ${step}${times}${when}`
}
