/** Rows that were added to the dated tables of employees. The first rows of work and employment are made by the create, and not kept here. */
import type { Clock } from '../../src/base/clock.ts'
import type { JsonObject } from '../../src/base/json.ts'

export const tableNames = ['work', 'employment', 'salaries'] as const
export type TableName = (typeof tableNames)[number]

export interface TableRow {
  readonly id: number
  readonly company: string
  readonly employeeId: string
  readonly table: TableName
  readonly effectiveDate: string
  /** As HiBob stores them: what was not sent, or not understood, is null. */
  readonly columns: JsonObject
  /** Put there by a test, not by a call of the API. */
  readonly seeded: boolean
  readonly createdAt: Date
}
export type NewRow = Omit<TableRow, 'id' | 'createdAt'>

export function openTableStore(clock: Clock) {
  let rows: readonly TableRow[] = []
  return {
    add: (given: NewRow): TableRow => {
      const { effectiveDate, employeeId, table } = given
      const same = rows.filter((one) => one.employeeId === employeeId && one.table === table)
      const taken = same.filter((one) => one.effectiveDate === effectiveDate).length
      const row = { ...given, id: rowId(effectiveDate) + taken, createdAt: clock.now() }
      rows = [...rows, row]
      return row
    },
    /** In the order in which they were added; of one employee's table, or of all. */
    list: (employeeId?: string, table?: TableName): readonly TableRow[] =>
      rows.filter(
        (one) =>
          (employeeId === undefined || one.employeeId === employeeId) &&
          (table === undefined || one.table === table),
      ),
    clear: () => {
      rows = []
    },
  }
}

/** Live ones are made of the date. */
export function rowId(effectiveDate: string): number {
  return Number(`10000${effectiveDate.replaceAll('-', '')}`)
}
