/** Reading Pinpoint's query parameters, strictly: a parameter that it would refuse is refused here too. */
import type { SandboxContext } from '../gate.ts'
import { refusal, type Resource } from './answers.ts'
import type { Tenant } from './seed.ts'

const malformed = () => refusal(400, 'Malformed query params')

/** A comma-joined list; undefined when the parameter is absent. */
export function listed(
  c: SandboxContext,
  name: string,
  allowed?: readonly string[],
): readonly string[] | undefined {
  const items = c.req.query(name)?.split(',').filter(Boolean)
  if (items && allowed && items.some((item) => !allowed.includes(item))) throw malformed()
  return items
}

/** Keeps what was created and updated between the instants asked for. */
export function withinTimes<Thing extends { readonly createdAt: Date; readonly updatedAt?: Date }>(
  c: SandboxContext,
  things: readonly Thing[],
): readonly Thing[] {
  const bounds = ['created_at', 'updated_at'].flatMap((field) =>
    ['gt', 'lt'].flatMap((sign) => {
      const text = c.req.query(`filter[${field}][${sign}]`)
      if (text === undefined) return []
      const bound = Date.parse(text)
      // An unencoded `+` arrives as a space and makes the time unreadable, as it would at Pinpoint.
      if (Number.isNaN(bound)) throw malformed()
      return [{ field, sign, bound }]
    }),
  )
  return things.filter((thing) =>
    bounds.every(({ field, sign, bound }) => {
      const at = (field === 'created_at' ? thing.createdAt : (thing.updatedAt ?? thing.createdAt)).getTime()
      return sign === 'gt' ? at > bound : at < bound
    }),
  )
}

interface Sortable {
  readonly id: string
  readonly createdAt: Date
  readonly updatedAt?: Date
}

/** What of a list a tenant's Pinpoint gives. */
type Paging = Pick<Tenant, 'mostPerPage' | 'countsTotals'>

/** Sorts, cuts the page out and says the total when asked. */
export function paged<Thing extends Sortable>(
  c: SandboxContext,
  things: readonly Thing[],
  tenant: Paging | undefined,
) {
  const number = wholeNumber(c.req.query('page[number]') ?? '1')
  const asked = wholeNumber(c.req.query('page[size]') ?? '100')
  if (asked > 1000 || number < 1) throw malformed()
  const size = Math.min(asked, tenant?.mostPerPage ?? asked)
  const ordered = [...things].sort(bySort(c.req.query('sort') ?? 'id'))
  const counted = tenant?.countsTotals !== false && c.req.query('stats[total]') === 'count'
  return {
    items: ordered.slice((number - 1) * size, number * size),
    meta: counted ? { stats: { total: { count: things.length } } } : {},
  }
}

function bySort(sort: string): (a: Sortable, b: Sortable) => number {
  const direction = sort.startsWith('-') ? -1 : 1
  const field = sort.replace(/^-/, '')
  if (!['id', 'created_at', 'updated_at'].includes(field)) throw malformed()
  const value = (thing: Sortable): number => {
    if (field === 'id') return Number(thing.id)
    return (field === 'created_at' ? thing.createdAt : (thing.updatedAt ?? thing.createdAt)).getTime()
  }
  return (a, b) => direction * (value(a) - value(b))
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw malformed()
  return Number(text)
}

/** Each included resource once, as JSON:API asks. */
export function distinct(resources: readonly Resource[]): readonly Resource[] {
  return [...new Map(resources.map((resource) => [`${resource.type}/${resource.id}`, resource])).values()]
}
