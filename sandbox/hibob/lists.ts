/** Named lists and field metadata: what an integration reads to offer sites, titles and fields to choose from. */
import { pathPart, type SandboxContext } from '../gate.ts'
import type { HibobCall } from './call.ts'
import { builtInFields } from './field-catalogue.ts'
import { type Item, itemsOf, leavesOf } from './list-items.ts'
import type { Company } from './seed.ts'

/** Sites have integer ids. */
const firstSiteId = 2_474_159

export function itemId(sites: readonly string[], site: string): number | null {
  const at = sites.indexOf(site)
  return at < 0 ? null : firstSiteId + at
}

const firstItemId = 265_590_500

/** Undefined: the company has no such list. */
export function listNamed(company: Company, name: string): readonly Item[] | undefined {
  const { titles, departments, lists, listValues } = company
  const all = { ...lists, title: titles, department: departments }
  const at = Object.keys(all).indexOf(name)
  const list = Object.entries(all)[at]?.[1]
  if (list === undefined) return undefined
  return itemsOf(list, { numbered: listValues === 'ids', from: firstItemId + at * 1000 })
}

/** The item that was sent, as the company takes it. Of two leaves with one name the name says neither. */
export function itemSent(company: Company, list: string, sent: string): Item | undefined {
  const { listValues } = company
  const leaves = leavesOf(listNamed(company, list) ?? [])
  const called = leaves.filter(({ name }) => name.toLowerCase() === sent.trim().toLowerCase())
  const byName = listValues === 'ids' || called.length > 1 ? undefined : called[0]
  if (listValues === 'none') return undefined
  return byName ?? (listValues === 'names' ? undefined : leaves.find(({ id }) => id === sent))
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
  const shown = ({ id, name, archived, children }: Item): object => ({
    ...{ id, name, value: name },
    ...(archived && { archived }),
    ...(children.length > 0 && { children: children.map(shown) }),
  })
  const sites = company.sites.map((name) => ({ id: itemId(company.sites, name), name, value: name }))
  return [
    { name: 'site', values: sites },
    ...['title', 'department', ...Object.keys(company.lists)].map((name) => ({
      name,
      values: (listNamed(company, name) ?? []).map(shown),
    })),
  ]
}

/** https://apidocs.hibob.com/reference/get_company-people-fields */
export function getFields({ company }: HibobCall): Response {
  return Response.json(fieldsOf(company).map(described))
}

export function fieldsOf({ fields, withoutFields }: Company) {
  return [...builtInFields, ...fields].filter(({ id }) => !withoutFields.includes(id))
}

function described({ id, category, listId, ...field }: ReturnType<typeof fieldsOf>[number]) {
  const { name, type, historical, categoryDisplayName } = field
  const where = { category, categoryId: category, categoryDisplayName }
  const jsonPath = id.replace(/^root\./, '')
  const typeData = listId === undefined ? {} : { listId }
  return { id, ...where, name, description: null, jsonPath, type, typeData, historical }
}
