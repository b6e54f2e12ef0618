/** Named lists and field metadata: what an integration reads to offer sites, titles and fields to choose from. */
import { pathPart, type SandboxContext } from '../gate.ts'
import type { HibobCall } from './call.ts'
import type { Company } from './seed.ts'

/** Sites have integer ids; items of other lists have their name as id. */
const firstSiteId = 2_474_159

export function itemId(sites: readonly string[], site: string): number | null {
  const at = sites.indexOf(site)
  return at < 0 ? null : firstSiteId + at
}

/** Of a title or department. A company that takes names has them as ids, too. */
export function valueId({ listValues, titles, departments }: Company, name: string): string {
  return listValues === 'names' ? name : String(265_590_500 + [...titles, ...departments].indexOf(name))
}

/** https://apidocs.hibob.com/reference/get_company-named-lists-listname */
export function getNamedList({ company }: HibobCall, c: SandboxContext): Response {
  const list = namedLists(company).find((one) => one.name === pathPart(c, 'name'))
  return list ? Response.json(list) : new Response(null, { status: 404 })
}

/** https://apidocs.hibob.com/reference/get_company-named-lists */
export function getNamedLists({ company }: HibobCall): Response {
  return Response.json(Object.fromEntries(namedLists(company).map((list) => [list.name, list])))
}

/** List names are case-sensitive. Real answers hold `values` where the published description says `items`. */
function namedLists(company: Company) {
  const named = (name: string) => ({ id: name, name, value: name })
  const listed = (name: string) => ({ ...named(name), id: valueId(company, name) })
  return [
    {
      name: 'site',
      values: company.sites.map((name) => ({ ...named(name), id: itemId(company.sites, name) })),
    },
    { name: 'title', values: company.titles.map(listed) },
    { name: 'department', values: company.departments.map(listed) },
  ]
}

const field = (id: string, name: string, more: object = {}) => {
  const category = id.split('.')[0] ?? ''
  return {
    id,
    category,
    categoryId: category,
    categoryDisplayName: category.charAt(0).toUpperCase() + category.slice(1),
    name,
    description: null,
    jsonPath: id.replace(/^root\./, ''),
    type: 'text',
    typeData: {},
    historical: false,
    ...more,
  }
}

const ofList = (type: string, listId: string) => ({ type, typeData: { listId }, historical: true })

/** https://apidocs.hibob.com/reference/get_company-people-fields */
export function getFields(): Response {
  return Response.json([
    field('root.id', 'Id'),
    field('root.email', 'Email'),
    field('root.firstName', 'First name'),
    field('root.surname', 'Last name'),
    field('home.privateEmail', 'Private email'),
    field('home.privatePhone', 'Private phone'),
    field('home.mobilePhone', 'Mobile phone'),
    field('personal.birthDate', 'Date of birth', { type: 'date' }),
    field('work.startDate', 'Start date', { type: 'date' }),
    field('work.siteId', 'Site', ofList('list_id', 'site')),
    field('work.title', 'Job title', ofList('list', 'title')),
    field('work.department', 'Department', ofList('list', 'department')),
    field('work.reportsTo', 'Reports to', { type: 'employee', historical: true }),
  ])
}
