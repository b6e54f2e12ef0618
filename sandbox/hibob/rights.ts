/** Which fields the service user may view and edit. Permissions are for a field, or for a category and all that is in it. */
import { type Part, picked } from './parts.ts'
import type { Company } from './seed.ts'

/** Where the category is not the first part of the path. */
const categories: Readonly<Record<string, string>> = {
  'home.privateEmail': 'personalContact',
  'home.privatePhone': 'personalContact',
  'home.mobilePhone': 'personalContact',
  'work.workPhone': 'workContact',
  'work.workMobile': 'workContact',
  'internal.status': 'lifecycle',
  'internal.lifecycleStatus': 'lifecycle',
}

export function categoryOf(path: string): string {
  if (path.startsWith('payroll.employment.')) return 'employment'
  return categories[path] ?? path.split('.')[0] ?? ''
}

export function mayView({ hiddenFields }: Company, path: string): boolean {
  return !hiddenFields.includes(path) && !hiddenFields.includes(categoryOf(path))
}

export function mayEdit({ uneditableFields }: Company, path: string): boolean {
  const isOf = (one: string) => path === one || path.startsWith(`${one}.`)
  return !uneditableFields.some(isOf) && !uneditableFields.includes(categoryOf(path))
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
