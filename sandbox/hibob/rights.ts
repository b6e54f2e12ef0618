/** Which fields the service user may view and edit. Permissions are for a field, or for a category and all that is in it. */
import { builtInFields } from './field-catalogue.ts'
import { type Part, picked } from './parts.ts'
import type { Company } from './seed.ts'
import type { TableName } from './table-store.ts'

/** As the metadata says, and else the first part of the path. */
const categories = new Map(builtInFields.map(({ id, category }) => [id, category]))

export function categoryOf(path: string): string {
  if (path.startsWith('payroll.employment.')) return 'employment'
  return categories.get(path) ?? path.split('.')[0] ?? ''
}

export function mayView({ hiddenFields }: Company, path: string): boolean {
  return !isNamed(hiddenFields, path)
}

export function mayEdit({ uneditableFields }: Company, path: string): boolean {
  return !isNamed(uneditableFields, path)
}

/** By itself, by the field that it is a part of, or by its category: `payroll` is not all whose path begins so. */
function isNamed(those: readonly string[], path: string): boolean {
  const isOf = (one: string) => path === one || (one.includes('.') && path.startsWith(`${one}.`))
  return those.some(isOf) || those.includes(categoryOf(path))
}

const categoryOfRows: Readonly<Record<TableName, string>> = {
  ...{ work: 'work', employment: 'employment', salaries: 'payroll' },
}

export interface RowRight {
  readonly table: TableName
  readonly to: 'view' | 'edit'
}

/** Rows of a table come with the category that they belong to. */
export function mayTouchRows({ hiddenFields, uneditableFields }: Company, { table, to }: RowRight): boolean {
  return !(to === 'view' ? hiddenFields : uneditableFields).includes(categoryOfRows[table])
}

/** What an answer shows: nothing that may not be viewed, nor a category that is bare without it. */
export function viewable(company: Company, body: Part): Part {
  // `root.` is a way of naming fields, not a level of the answer.
  return picked(
    body,
    '',
    (path) => path === 'id' || mayView(company, path.includes('.') ? path : `root.${path}`),
  )
}
