/** The values of a create, as HiBob may show them again. */
import type { SentValue } from './kept.ts'
import type { MoreValue, MoreValues } from './more-values.ts'
import { type EmployeeBody, type Field, fieldIds, fieldTitles } from './new-hire.ts'
import type { Place } from './place.ts'

/** By which HiBob grants permissions. https://apidocs.hibob.com/reference/get_company-people-fields */
const categories: Readonly<Record<Field, string>> = {
  firstName: 'Basic info',
  surname: 'Basic info',
  email: 'Basic info',
  startDate: 'Work',
  site: 'Work',
  title: 'Work',
  department: 'Work',
  privateEmail: 'Personal contact details',
}
const names = Object.keys(categories) as Field[]

/** `body`: as it was sent, title and department by name, by id or not at all. */
export function sentValues(
  body: EmployeeBody,
  place: Pick<Place, 'site' | 'title' | 'department'>,
  more: MoreValues = {},
): readonly SentValue[] {
  const usual = names.flatMap((name) => {
    const value = body[name]
    if (value === undefined) return []
    const item = name === 'site' || name === 'title' || name === 'department' ? place[name] : undefined
    const category = categories[name]
    const [id, title] = [fieldIds[name], fieldTitles[name]]
    // Of several sites with one name only the id says which it is, and that is a field of its own.
    if (name === 'site' && item?.isNameShared === true && item.id !== undefined)
      return [{ ids: ['work.siteId'] as const, title, category, items: [[item.id]] }]
    const values = [value, item?.name, item?.id].filter((one) => one !== undefined)
    const ids = [id, ...(name === 'site' ? ['work.siteId'] : [])] as const
    return [{ ids, title, category, items: [values] }]
  })
  return [...usual, ...Object.entries(more).map(([id, value]) => sentMore(id, value))]
}

function sentMore(id: string, { shownAs, title, category }: MoreValue): SentValue {
  return { ids: [id], title, category, items: shownAs }
}
