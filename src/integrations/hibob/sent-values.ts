/** The values of a create, as HiBob may show them again. */
import type { SentValue } from './kept.ts'
import { type EmployeeBody, fieldTitles } from './new-hire.ts'
import type { Place } from './place.ts'

type Field = keyof EmployeeBody

/** HiBob's own names, and the categories by which it grants permissions. https://apidocs.hibob.com/reference/get_company-people-fields */
const fields: Readonly<Record<Field, Pick<SentValue, 'ids' | 'category'>>> = {
  firstName: { ids: ['root.firstName'], category: 'Basic info' },
  surname: { ids: ['root.surname'], category: 'Basic info' },
  email: { ids: ['root.email'], category: 'Basic info' },
  startDate: { ids: ['work.startDate'], category: 'Work' },
  site: { ids: ['work.site', 'work.siteId'], category: 'Work' },
  title: { ids: ['work.title'], category: 'Work' },
  department: { ids: ['work.department'], category: 'Work' },
}
const names = Object.keys(fields) as Field[]

/** `body`: as it was sent, title and department by name, by id or not at all. */
export function sentValues(
  body: EmployeeBody,
  place: Pick<Place, 'site' | 'title' | 'department'>,
): readonly SentValue[] {
  const items = { site: place.site, title: place.title, department: place.department }
  return names.flatMap((name) => {
    const value = body[name]
    if (value === undefined) return []
    const item = Object.hasOwn(items, name) ? items[name as keyof typeof items] : undefined
    const values = [value, item?.name, item?.id].filter((one) => one !== undefined)
    return [{ ...fields[name], title: fieldTitles[name], values }]
  })
}
