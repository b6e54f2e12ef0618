/**
 * The new employee, with title and department if HiBob takes them. Whether it wants the names of its lists or their ids is not
 * documented: what it clearly refuses by name it is given once by id, and then not at all. A refusal has made nothing, so each of
 * these calls may follow; an unclear answer is never followed by another call.
 */
import { alreadyExists, type Ensured, type HandlerContext, type Made } from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import { CreateRefused } from './create-refused.ts'
import { notKept, type Warning } from './kept.ts'
import type { NewHire } from './new-hire.ts'
import { leftOut, type Place } from './place.ts'
import { sentValues } from './sent-values.ts'

const optional = ['title', 'department'] as const
type Optional = (typeof optional)[number]
type Values = Readonly<Record<Optional, string | undefined>>

interface Deps {
  readonly bob: Pick<Bob, 'createEmployee'>
  readonly onWarning: (warning: Warning) => void
}

export async function createEmployee(
  { bob, onWarning }: Deps,
  hire: NewHire,
  place: Pick<Place, 'site' | Optional>,
): Promise<Made | typeof alreadyExists> {
  const names: Values = { title: place.title?.name, department: place.department?.name }
  let values = names
  for (;;) {
    try {
      const body = { ...hire, site: place.site.name, ...values }
      const made = await bob.createEmployee(body)
      if (made === alreadyExists) return made
      for (const field of optional) {
        if (values[field] !== undefined || names[field] === undefined) continue
        onWarning(leftOut(field, names[field], 'HiBob refused it'))
      }
      notKept(made.shown, sentValues(body, place)).forEach(onWarning)
      return { id: made.id }
    } catch (error) {
      if (!(error instanceof CreateRefused)) throw error
      const next = otherwise(values, place, error)
      if (next === undefined) throw error
      values = next
    }
  }
}

/** Undefined: it objects to something else, or to what is not sent any more. Where it names nothing it may be either of them. */
function otherwise(
  values: Values,
  place: Pick<Place, Optional>,
  { fields }: CreateRefused,
): Values | undefined {
  const refused = optional.filter(
    (field) =>
      values[field] !== undefined && (fields.length === 0 || fields.some((one) => isField(one, field))),
  )
  if (refused.length === 0) return undefined
  const changed = refused.map((field) => {
    const item = place[field]
    return [field, values[field] === item?.name && item?.id !== item?.name ? item?.id : undefined] as const
  })
  return { ...values, ...Object.fromEntries(changed) }
}

/** `work.title`, `/work/title` and `title` alike. */
function isField(named: string, field: Optional): boolean {
  return named.split(/[./]/).at(-1)?.toLowerCase() === field
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
