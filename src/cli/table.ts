/** Rows for people: columns as wide as their widest cell. A cell can neither break its row nor control the terminal. */
import { withoutSteering } from '../base/plain-text.ts'

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows.map((row) => row.map(withoutSteering))]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    widths
      .map((width, column) => (row[column] ?? '').padEnd(width))
      .join('  ')
      .trimEnd()
  return all.map(line).join('\n')
}
