/** One row of a table: as it is sent, and whether HiBob holds it. Pure. */
import { isRecord, type Json, type JsonObject } from '../../sdk/index.ts'
import { holdsOneOf } from './kept.ts'
import { amountOf } from './pay.ts'
import type { PlacedRow, PlacedValue } from './place-rows.ts'
import type { Row } from './wire.ts'

/** What HiBob keeps of a row itself. */
const bookkeeping: ReadonlySet<string> = new Set([
  ...['id', 'effectiveDate', 'endEffectiveDate', 'activeEffectiveDate', 'isCurrent', 'canBeDeleted'],
  ...['change', 'changedBy', 'creationDate', 'modificationDate', 'workChangeType', 'humanReadable'],
  // Names beside the ids that are sent, and what HiBob works out.
  ...['site', 'calendarName', 'standardWorkingPattern', 'siteWorkingPattern', 'actualWorkingPattern'],
  ...['fte', 'weeklyHours', 'hoursInDayNotWorked'],
])

/** HiBob stores what is left out of a row as nothing, so the row that is in force before comes along. */
export function rowJson({ day, values }: PlacedRow, before: Row | undefined): JsonObject {
  const kept = Object.entries(before ?? {}).flatMap(([name, value]): [string, Json][] =>
    bookkeeping.has(name) || value === undefined || value === null
      ? []
      : [[name, name === 'reportsTo' ? personIn(value) : value]],
  )
  const body = values.reduce<JsonObject>(withValue, Object.fromEntries(kept))
  return { ...body, effectiveDate: day }
}

function personIn(value: Json): Json {
  return isRecord(value) && typeof value['id'] === 'string' ? { id: value['id'] } : value
}

function withValue(body: JsonObject, { column, value, item }: PlacedValue): JsonObject {
  const { name, kind } = column
  const base = isRecord(body['base']) ? (body['base'] as JsonObject) : {}
  switch (kind) {
    case 'amount':
      return { ...body, base: { ...base, value: amountOf(value) ?? null } }
    case 'currency':
      return { ...body, base: { ...base, currency: value } }
    case 'item':
      return { ...body, [name]: item?.id ?? value }
    case 'number':
      return { ...body, [name]: Number(value) }
    case 'text': {
      const columns = isRecord(body['customColumns']) ? (body['customColumns'] as JsonObject) : {}
      return { ...body, customColumns: { ...columns, [name]: value } }
    }
  }
}

/** The values of ours that HiBob does not hold in its row. */
export function notHeld({ values }: PlacedRow, held: Row): readonly PlacedValue[] {
  return values.filter((one) => !isHeld(one, held))
}

function isHeld({ column, value, item }: PlacedValue, held: Row): boolean {
  const base = isRecord(held['base']) ? held['base'] : {}
  switch (column.kind) {
    case 'amount':
      return Number(base['value'] ?? NaN) === amountOf(value)
    case 'currency':
      return holdsOneOf(base['currency'], [value])
    case 'item':
      return holdsOneOf(held[column.name], [value, item?.name, item?.id])
    case 'number':
      return holdsOneOf(held[column.name], [String(Number(value))])
    case 'text': {
      const columns = isRecord(held['customColumns']) ? held['customColumns'] : {}
      return holdsOneOf(columns[column.name], [value])
    }
  }
}

/** The one that is in force on the day before. */
export function rowBefore(rows: readonly Row[], day: string): Row | undefined {
  return rows
    .filter(({ effectiveDate }) => effectiveDate < day)
    .toSorted((a, b) => (a.effectiveDate < b.effectiveDate ? -1 : 1))
    .at(-1)
}
