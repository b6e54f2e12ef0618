/**
 * Rows of HiBob's tables for an employee whom this hire has made: each once, whole, and beside nothing that somebody has entered. What
 * cannot be is a warning. Whoever was there already gets none: a machine does not change anybody's pay.
 */
import {
  alreadyExists,
  type Ensured,
  type Existing,
  type Failure,
  type HandlerContext,
  type HiredApplication,
  type Made,
  NeedsPerson,
  RetryLater,
} from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import type { Warning } from './kept.ts'
import type { PlacedRow } from './place-rows.ts'
import { notHeld, rowBefore, rowJson } from './row.ts'
import type { Secrets, Settings } from './settings.ts'
import type { Row } from './wire.ts'

type Context = HandlerContext<Settings, Secrets, HiredApplication>

interface RowsOf {
  readonly employee: Ensured
  readonly rows: readonly PlacedRow[]
}

export async function ensureRows(context: Context, bob: Bob, { employee, rows }: RowsOf): Promise<void> {
  if (employee.how === 'found') return
  for (const row of rows) {
    const { title, name } = row.table
    if (employee.how === 'planned') {
      context.planned(title)
      continue
    }
    const failure = await context.optional(title, () => ensureRow(context, bob, { employee, row }))
    if (failure !== undefined) context.warn('hibob.row_not_made', notMade(name, failure))
  }
}

function notMade(name: string, failure: Failure): string {
  return `The ${name} row was not made: ${failure.message} Enter it in HiBob; a replay does not make it.`
}

interface RowOf {
  readonly employee: Existing
  readonly row: PlacedRow
}

async function ensureRow(context: Context, bob: Bob, one: RowOf): Promise<void> {
  const { settings, ensure, step } = context
  const { employee, row } = one
  const { table } = row
  // HiBob makes no salary with an employee, so one of a moment ago has none to list.
  const isNew = employee.madeNow === true && !table.firstByCreate
  let listed: readonly Row[] = []
  const ensured = await ensure({
    title: table.title,
    kind: 'table_row',
    key: `${table.path}:${employee.id}`,
    readLagSeconds: settings.readLagSeconds,
    find: async () => {
      listed = await bob.rows(employee.id, table)
      const same = sameRow(listed, one)
      // Made by us, as the record says, but who knows when.
      if (same === undefined && employee.knownById === true) throw notNew(employee)
      return same
    },
    firstFind: isNew ? { found: undefined } : undefined,
    make: () => add(bob, one, listed),
  })
  if (ensured.how !== 'created') return
  const told = await step(`${table.title}, read back`, async () =>
    (await readBack(bob, one)).map((warning) => ({ ...warning })),
  )
  told.forEach(({ code, message }) => context.warn(code, message))
}

async function add(
  bob: Bob,
  { employee, row }: RowOf,
  listed: readonly Row[],
): Promise<Made | typeof alreadyExists> {
  const { table } = row
  const before = table.firstByCreate ? rowBefore(listed, row.day) : undefined
  if (table.firstByCreate && before === undefined) throw firstNotShown(row)
  const id = await bob.addRow(employee.id, { table, json: rowJson(row, before) })
  return id === alreadyExists ? id : { id }
}

function notNew({ id }: Existing): NeedsPerson {
  return new NeedsPerson('hibob.employee_not_new', `Employee ${id} in HiBob is not new.`, {
    details: { employee: id },
    fix: 'Check the row in HiBob.',
  })
}

/** Without it the new row would be stored with most of its columns empty. */
function firstNotShown({ table: { name } }: PlacedRow): RetryLater {
  return new RetryLater(
    'hibob.first_row_not_shown',
    `HiBob does not show the first ${name} row, which the new one has to go on from.`,
  )
}

/** Undefined: it may be made. Of salaries any other row is one that somebody has entered. */
function sameRow(rows: readonly Row[], { employee, row }: RowOf): Made | undefined {
  const { table, day } = row
  const ofDay = rows.filter(({ effectiveDate }) => effectiveDate === day)
  const same = ofDay.find((held) => notHeld(row, held).length === 0)
  if (same !== undefined) return { id: same.id ?? 'listed' }
  if (ofDay.length === 0 && (table.firstByCreate || rows.length === 0)) return undefined
  throw new NeedsPerson(
    'hibob.row_conflict',
    `Employee ${employee.id} in HiBob has another ${table.name} row already, which is left as it is.`,
    { details: { employee: employee.id }, fix: 'Check it in HiBob.' },
  )
}

/** What HiBob holds by now. A row that is not shown yet is not waited for. */
async function readBack(bob: Bob, { employee, row }: RowOf): Promise<readonly Warning[]> {
  const { table, day } = row
  let rows: readonly Row[]
  try {
    rows = await bob.rows(employee.id, table)
  } catch (error) {
    // A limit says nothing of the row.
    if (error instanceof RetryLater && error.free) return []
    if (error instanceof NeedsPerson || error instanceof RetryLater) return [notShown(row, error.message)]
    throw error
  }
  const held = rows.find(({ effectiveDate }) => effectiveDate === day)
  if (held === undefined) return [notShown(row, 'HiBob does not show it yet.')]
  const differ = notHeld(row, held)
  if (differ.length === 0) return []
  const fields = differ.map(({ column: { title, target } }) => `${title} (${target})`).join(', ')
  const message =
    `HiBob does not hold the ${table.name} row as it was sent: ${fields}. ` +
    `Correct it in HiBob, and check whether the service user may edit ${table.category}.`
  return [{ code: 'hibob.row_changed', message }]
}

function notShown({ table: { name } }: PlacedRow, why: string): Warning {
  const because = `The ${name} row was made, and whether HiBob holds it as it was sent is not known: ${why}`
  return { code: 'hibob.row_not_shown', message: `${because} Check it in HiBob.` }
}
