/** The figures of all rounds as one: medians, with the range of the ratio, and whether each bar was cleared. */
import type { Bar, Figure } from './figure.ts'
import { median } from './percentiles.ts'

export interface Summary {
  readonly scenario: string
  readonly name: string
  readonly unit: string
  readonly rounds: number
  readonly ours: number
  readonly baseline: number | undefined
  /** The median of the rounds' ratios: each compares two measurements that were made one after the other. */
  readonly ratio: number | undefined
  readonly ratios: readonly number[]
  readonly bar: string | undefined
  readonly passed: boolean | undefined
}

export function summarise(scenario: string, rounds: readonly (readonly Figure[])[]): readonly Summary[] {
  const byName = Map.groupBy(rounds.flat(), ({ name }) => name)
  return [...byName.values()].map((figures) => summaryOf(scenario, figures))
}

function summaryOf(scenario: string, figures: readonly Figure[]): Summary {
  const [first] = figures
  if (first === undefined) throw new Error('no round was measured')
  const baselines = figures.flatMap(({ baseline }) => (baseline === undefined ? [] : [baseline]))
  const ratios = figures.flatMap(({ ours, baseline }) => (baseline === undefined ? [] : [ours / baseline]))
  const ours = median(figures.map((figure) => figure.ours))
  const ratio = ratios.length === 0 ? undefined : median(ratios)
  return {
    scenario,
    name: first.name,
    unit: first.unit,
    rounds: figures.length,
    ours,
    baseline: baselines.length === 0 ? undefined : median(baselines),
    ratio,
    ratios,
    bar: first.bar && textOf(first.bar),
    passed: first.bar && clears(first.bar, first.bar.of === 'ours' ? ours : ratio),
  }
}

function clears({ atMost = Infinity, atLeast = -Infinity }: Bar, value: number | undefined): boolean {
  return value !== undefined && value <= atMost && value >= atLeast
}

function textOf({ of, atMost, atLeast }: Bar): string {
  const sign = of === 'ratio' ? ' ×' : ''
  return atMost === undefined ? `≥ ${String(atLeast)}${sign}` : `≤ ${atMost}${sign}`
}

export function table(summaries: readonly Summary[]): string {
  const rows = summaries.map((one) => [
    one.name,
    number(one.ours),
    number(one.baseline),
    one.unit,
    one.ratio === undefined ? '' : one.ratio.toFixed(2),
    one.ratios.length < 2
      ? ''
      : `${Math.min(...one.ratios).toFixed(2)}–${Math.max(...one.ratios).toFixed(2)}`,
    one.bar ?? '',
    one.passed === undefined ? '' : one.passed ? 'passed' : 'FAILED',
  ])
  const head = ['', 'ours', 'baseline', '', 'ratio', 'range', 'bar', '']
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 || column === 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [line(head), ...rows.map(line)].join('\n')
}

function number(value: number | undefined): string {
  if (value === undefined) return ''
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)
}
