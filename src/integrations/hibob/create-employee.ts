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
  return async (): Promise<Made | typeof alreadyExists | RefusedThisWay> => {
    const body = { ...hire, site: items.site.name, ...values, more }
    try {
      const made = await bob.createEmployee(body)
      if (made === alreadyExists) return made
      for (const field of optional) {
        if (values[field] !== undefined || wanted[field] === undefined) continue
        onWarning(leftOut(field, wanted[field], 'HiBob refused it'))
      }
      for (const id of Object.keys(given.more)) if (!(id in more)) onWarning(moreLeftOut(id))
      notKept(made.shown, sentValues(body, items)).forEach(onWarning)
      return { id: made.id }
    } catch (error) {
      if (!(error instanceof CreateRefused)) throw error
      const fewer = withoutRefused(more, error)
      const next = otherwise(values, items, error)
      if (next === undefined && fewer === undefined) throw error
      // Without a field it may be any of them: first the ids of lists, which lose nothing.
      if (next === undefined || next === nothing || error.fields.length > 0) more = fewer ?? more
      values = next ?? values
      return { refused: error }
    }
  }
}

/** Undefined: it objects to none of these. */
function withoutRefused(more: WantedHire['more'], { fields }: CreateRefused): WantedHire['more'] | undefined {
  const last = (path: string) => path.split(/[./]/).at(-1)?.toLowerCase()
  const all = Object.entries(more)
  const kept = all.filter(([id]) => fields.length > 0 && !fields.some((one) => last(one) === last(id)))
  return kept.length === all.length ? undefined : Object.fromEntries(kept)
}

/** Undefined: it objects to something else, or to what is not sent any more. */
function otherwise(values: Values, items: Items, { fields }: CreateRefused): Values | undefined {
  const sent = optional.filter((field) => values[field] !== undefined)
  const refused = sent.filter((field) => fields.some((one) => isField(one, field)))
  const byId = idsOf(values, items)
  // Without a field it may be any of them: first the ids of lists, which lose nothing.
  if (fields.length === 0) return byId ?? (sent.length > 0 ? nothing : undefined)
  if (refused.length === 0) return undefined
  const { title, department } = refused.some(isOfList) ? (byId ?? nothing) : values
  const privateEmail = refused.includes('privateEmail') ? undefined : values.privateEmail
  return { title, department, privateEmail }
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
