/** Values of rows in HiBob's own spelling. A period of pay that its list does not have is a gap, and never the next best one. */
import type { Gap } from '../../sdk/index.ts'
import type { Warning } from './kept.ts'
import { itemCalled, keptList, type Lists } from './place.ts'
import type { RowLeftOut, RowsOfHire, RowValue, WantedRow } from './wanted-rows.ts'
import type { ListItem } from './wire.ts'

/** Of lists HiBob’s tables take the id of an item, which for those that every company has is its name. */
export interface PlacedValue extends RowValue {
  readonly item: ListItem | undefined
}

export interface PlacedRow extends WantedRow {
  readonly values: readonly PlacedValue[]
}

export interface PlacedRows {
  readonly rows: readonly PlacedRow[]
  readonly leftOut: readonly RowLeftOut[]
}

export async function placeRows(lists: Lists, { rows, leftOut }: RowsOfHire): Promise<PlacedRows> {
  const placed: (PlacedRow | RowLeftOut)[] = [...leftOut]
  for (const row of rows) {
    const values: PlacedValue[] = []
    for (const one of row.values) values.push({ ...one, item: await itemOf(lists, one) })
    const unknown = values.filter(({ column, item }) => column.kind === 'item' && item === undefined)
    placed.push(
      unknown.length === 0
        ? { ...row, values }
        : { table: row.table, gaps: unknown.map((one) => notInList(one, row)) },
    )
  }
  return {
    rows: placed.filter((one) => 'values' in one),
    leftOut: placed.filter((one) => 'gaps' in one),
  }
}

async function itemOf(lists: Lists, { column, value }: RowValue): Promise<ListItem | undefined> {
  const { kind, list, documented } = column
  if (kind !== 'item' || list === undefined) return undefined
  const shown = await keptList(lists, list)
  const known = shown ?? documented?.map((name) => ({ id: undefined, name }))
  // Where nothing is known of the list, HiBob's own answer decides.
  return known === undefined ? { id: undefined, name: value } : itemCalled(known, value)
}

/** The value is not told: it is somebody's pay. */
function notInList({ column: { target, list = '' } }: PlacedValue, { parks }: WantedRow): Gap {
  const reason = `HiBob’s list ${list} does not have the value.`
  return { target, source: undefined, code: 'not_a_choice', reason, near: [], parks }
}

export function rowWarnings(leftOut: readonly RowLeftOut[]): readonly Warning[] {
  return leftOut.map(({ table, gaps }) => {
    const reasons = gaps.map(({ target, reason }) => `${target}: ${reason}`)
    return {
      code: 'hibob.row_left_out',
      message: `The ${table.name} row was left out. ${reasons.join(' ')} Enter it in HiBob, and correct the mapping for the next hires.`,
    }
  })
}
