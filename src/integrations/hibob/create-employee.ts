/**
 * The new employee, in up to three ways. Whether HiBob wants the names of its lists or their ids is not documented: what it clearly
 * refuses by name it is given once by id, and then not at all, like any other value that it can do without. Each call is a `make`
 * of its own, so a search and a ledger entry come before it.
 */
import {
  alreadyExists,
  type Ensured,
  type HandlerContext,
  type Made,
  type RefusedThisWay,
} from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import { CreateRefused } from './create-refused.ts'
import { notKept, type Warning } from './kept.ts'
import type { WantedHire } from './mapped-hire.ts'
import { allById, jsonValues, type MoreValues, namedIn, withoutListed } from './more-values.ts'
import { leftOut, moreLeftOut, type Optional, type Place } from './place.ts'
import { sentValues } from './sent-values.ts'
import type { ListItem } from './wire.ts'

const optional = ['title', 'department', 'privateEmail'] as const satisfies readonly Optional[]
type Values = Readonly<Record<Optional, string | undefined>>
/** The items that HiBob's lists have for the values. */
type Items = Pick<Place, 'site' | 'title' | 'department'>

interface Deps {
  readonly bob: Pick<Bob, 'createEmployee'>
  readonly onWarning: (warning: Warning) => void
}

/** Each call sends what the one before has left. */
export function employeeMaker(
  { bob, onWarning }: Deps,
  { hire, ...given }: Pick<WantedHire, 'hire' | 'privateEmail' | 'more'>,
  items: Items,
) {
  const wanted: Values = {
    title: items.title?.name,
    department: items.department?.name,
    privateEmail: given.privateEmail,
  }
  let values = wanted
  let { more } = given
  let again = false
  return async (): Promise<Made | typeof alreadyExists | RefusedThisWay> => {
    const body = { ...hire, site: items.site.name, ...values, more: jsonValues(more) }
    try {
      const made = await bob.createEmployee(body)
      if (made === alreadyExists) return made
      for (const field of optional) {
        if (values[field] !== undefined || wanted[field] === undefined) continue
        // What it comes from is not known here: it may be the person's.
        onWarning(leftOut(field, field === 'title' ? undefined : wanted[field], 'HiBob refused it'))
      }
      for (const id of Object.keys(given.more)) if (!(id in more)) onWarning(moreLeftOut(id))
      notKept(made.shown, sentValues(body, items, more)).forEach(onWarning)
      return { id: made.id }
    } catch (error) {
      if (!(error instanceof CreateRefused)) throw error
      const next = otherwise({ values, more, again }, items, error)
      if (next === undefined) throw error
      ;({ values, more, again } = next)
      return { refused: error }
    }
  }
}

interface Sent {
  readonly values: Values
  readonly more: MoreValues
  /** It is the second call: there is one left. */
  readonly again: boolean
}

/** Undefined: it objects to something else, or to what is not sent any more. */
function otherwise(sent: Sent, items: Items, { fields }: CreateRefused): Sent | undefined {
  const { values, more, again } = sent
  const refused = optional.filter(
    (field) => values[field] !== undefined && fields.some((one) => isField(one, field)),
  )
  const refusedMore = namedIn(more, fields)
  const isOfLists = refused.some(isOfList) || refusedMore.some((id) => more[id]?.listed === true)
  // Without a field it may be any of them: first the ids of lists, which lose nothing.
  if (isOfLists || fields.length === 0) {
    const ids = { values: idsOf(values, items), more: allById(more) }
    if (ids.values !== undefined || ids.more !== undefined)
      return withoutNamed({ values: ids.values ?? values, more: ids.more ?? more }, fields)
  }
  if (fields.length === 0) return isBare(sent) ? undefined : { values: nothing, more: {}, again: true }
  if (refused.length === 0 && refusedMore.length === 0) return undefined
  // It may name one only, of several that it does not take.
  const left = isOfLists && again ? withoutListed(more) : more
  const { privateEmail } = values
  const { title, department } = isOfLists && (again || refused.some(isOfList)) ? nothing : values
  return withoutNamed({ values: { title, department, privateEmail }, more: left }, fields, true)
}

/** What is of no list goes when it is named, and what is of a list when its ids have been refused, too. */
function withoutNamed({ values, more }: Omit<Sent, 'again'>, fields: readonly string[], all = false): Sent {
  const isRefused = fields.some((one) => isField(one, 'privateEmail'))
  const dropped = namedIn(more, fields).filter((id) => all || more[id]?.listed !== true)
  return {
    values: isRefused ? { ...values, privateEmail: undefined } : values,
    more: Object.fromEntries(Object.entries(more).filter(([id]) => !dropped.includes(id))),
    again: true,
  }
}

function isBare({ values, more }: Sent): boolean {
  return optional.every((field) => values[field] === undefined) && Object.keys(more).length === 0
}

const nothing: Values = { title: undefined, department: undefined, privateEmail: undefined }
const isOfList = (field: Optional) => field !== 'privateEmail'

/**
 * Where HiBob does not take a name that its list has, it wants ids: of all lists, because it may name one field only and three calls
 * have to do. Undefined: they were sent, or there are none.
 */
function idsOf(values: Values, { title, department }: Items): Values | undefined {
  const other = (sent: string | undefined, item: ListItem | undefined) =>
    (sent !== undefined && sent === item?.name && item.id) || sent
  const ids = { title: other(values.title, title), department: other(values.department, department) }
  const differ = ids.title !== values.title || ids.department !== values.department
  return differ ? { ...values, ...ids } : undefined
}

/** `work.title`, `/work/title` and `title` alike. */
function isField(named: string, field: Optional): boolean {
  return named.split(/[./]/).at(-1)?.toLowerCase() === field.toLowerCase()
}

/**
 * What the create has warned of. Another attempt may finish the run, since the CV may be late, and it does not create: it reads these
 * from the journal. After an unclear answer nothing is known.
 */
export async function warningsOfCreate(
  { step }: Pick<HandlerContext<unknown, unknown, unknown>, 'step'>,
  employee: Ensured,
  warnings: readonly Warning[],
): Promise<readonly Warning[]> {
  const isTold = employee.how === 'created' && (employee.madeNow !== true || warnings.length > 0)
  if (!isTold) return warnings
  return step('Warnings of the create', () => Promise.resolve(warnings.map((one) => ({ ...one }))))
}
