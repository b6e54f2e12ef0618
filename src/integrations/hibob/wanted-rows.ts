/** The rows that a mapping makes of a hire, each whole or not at all. Pure. */
import type { Gap, Mapped, MappedValue } from '../../sdk/index.ts'
import { amountOf, currencyOf } from './pay.ts'
import { type Column, isWorkColumn, type Table, tables, workColumn } from './tables.ts'

export interface WantedRow {
  readonly table: Table
  /** From which on it counts. */
  readonly day: string
  readonly values: readonly RowValue[]
  /** Whether the run parks when HiBob does not take a value. */
  readonly parks: boolean
}

export interface RowValue {
  readonly column: Column
  readonly value: string
}

export interface RowLeftOut {
  readonly table: Table
  readonly gaps: readonly Gap[]
}

export interface RowsOfHire {
  readonly rows: readonly WantedRow[]
  readonly leftOut: readonly RowLeftOut[]
}

type Given = Pick<Mapped, 'values' | 'gaps'>

export function rowsOfHire(given: Given, startDate: string): RowsOfHire {
  const all = tables.flatMap((table) => {
    const one = rowOf(table, given, startDate)
    return one === undefined ? [] : [one]
  })
  return {
    rows: all.filter((one) => 'values' in one),
    leftOut: all.filter((one) => 'gaps' in one),
  }
}

/** Of which the create must be given nothing: they are days, or go into a row of their own. */
export function isOfRow(target: string, given: Given, startDate: string): boolean {
  return tables.some(
    (table) =>
      target === table.dayTarget ||
      (columnsOf(table, given).some((column) => column.target === target) &&
        !goesWithCreate(table, given, startDate)),
  )
}

/** The day and all columns. */
export function targetsOf(table: Table, given: Given): readonly string[] {
  return [table.dayTarget, ...columnsOf(table, given).map(({ target }) => target)]
}

function columnsOf({ path, columns }: Table, { values, gaps }: Given): readonly Column[] {
  if (path !== 'work') return columns
  return [...values.keys(), ...gaps.map(({ target }) => target)].filter(isWorkColumn).map(workColumn)
}

function goesWithCreate({ firstByCreate, dayTarget }: Table, given: Given, startDate: string): boolean {
  const isUsual = gapOf(dayTarget, given) === undefined
  return firstByCreate && isUsual && (given.values.get(dayTarget)?.value ?? startDate) === startDate
}

/** Undefined: not mapped, or made by the create. */
function rowOf(table: Table, given: Given, startDate: string): WantedRow | RowLeftOut | undefined {
  const columns = columnsOf(table, given)
  const isMapped = ({ target }: Column) => given.values.has(target) || gapOf(target, given) !== undefined
  if (!columns.some(isMapped) || goesWithCreate(table, given, startDate)) return undefined

  const day = given.values.get(table.dayTarget)?.value ?? startDate
  const fitted = columns.map((column) => fit(column, given))
  const values = fitted.filter((one) => one !== undefined && 'column' in one)
  const missing = fitted.filter((one) => one !== undefined && 'code' in one)
  const gaps = [
    ...dayGaps(table, given, day < startDate),
    ...missing.filter(({ target }) => values.length === 0 || isRequired(table, target)),
  ]
  const parks = targetsOf(table, given).some(
    (one) => given.values.get(one)?.parks ?? gapOf(one, given)?.parks,
  )
  if (gaps.length === 0) return { table, day, values, parks }
  return { table, gaps: gaps.map((gap) => ({ ...gap, parks })) }
}

function isRequired({ columns }: Table, target: string): boolean {
  return columns.some((one) => one.target === target && one.required)
}

function dayGaps({ dayTarget }: Table, given: Given, isEarly: boolean): readonly Gap[] {
  const gap = gapOf(dayTarget, given)
  if (gap !== undefined) return [gap]
  return isEarly ? [unfit(dayTarget, given.values.get(dayTarget), 'is before the start date')] : []
}

/** Undefined: not mapped, and HiBob can do without. */
function fit(column: Column, given: Given): RowValue | Gap | undefined {
  const { target, kind, required } = column
  const found = given.values.get(target)
  if (found === undefined) {
    const gap = gapOf(target, given)
    return gap ?? (required ? notMapped(target) : undefined)
  }
  const { value } = found
  switch (kind) {
    case 'amount':
      return amountOf(value) === undefined
        ? unfit(target, found, 'is not an amount above zero that can be sent as it is written')
        : { column, value }
    case 'currency': {
      const code = currencyOf(value)
      return code === undefined
        ? unfit(target, found, 'is not the code of a currency')
        : { column, value: code }
    }
    case 'item':
    case 'number':
    case 'text':
      return { column, value }
  }
}

function notMapped(target: string): Gap {
  const mend = `${target}: { constant: … }`
  return { ...unfit(target, undefined, ''), code: 'no_value', reason: 'It is not mapped.', mend }
}

function unfit(target: string, found: MappedValue | undefined, what: string): Gap {
  const source = found?.source
  const reason = `The value of ${source ?? 'the mapping'} ${what}.`
  return { target, source, code: 'unfit', reason, near: [], parks: false }
}

function gapOf(target: string, { gaps }: Given): Gap | undefined {
  return gaps.find((gap) => gap.target === target)
}
