/** What to send instead of what HiBob has refused: items of lists by their ids, then less of what it can do without. Pure. */
import { fieldsMeant } from './field-names.ts'
import { required } from './field-rules.ts'
import { allById, type MoreValues, namedIn, without } from './more-values.ts'

interface Rules {
  /** It was refused in another way before. */
  readonly again: boolean
  /** Fields that the mapping says must not be left out. */
  readonly mustKeep: ReadonlySet<string>
}

/** `fields`: those that HiBob names. Undefined: it objects to what must be sent, or to what is not sent any more. */
export function otherwise(
  sent: MoreValues,
  fields: readonly string[],
  { again, mustKeep }: Rules,
): MoreValues | undefined {
  if (fields.some((field) => isRequired(field, sent))) return undefined
  const named = namedIn(sent, fields)
  const isListed = (id: string) => sent[id]?.listed === true
  const isOfLists = named.some(isListed)
  const less = (from: MoreValues, ids: readonly string[]) =>
    ids.some((id) => mustKeep.has(id)) ? undefined : without(from, ids)

  // Without a field it may be any of them: first the ids of lists, which lose nothing. They are sent of all lists, because HiBob may
  // name one field only, and three calls have to do.
  const byId = isOfLists || fields.length === 0 ? allById(sent) : undefined
  if (byId !== undefined)
    return less(
      byId,
      named.filter((id) => !isListed(id)),
    )

  const mayGo = Object.keys(sent).filter((id) => !mustKeep.has(id))
  const unnamed = fields.length === 0 ? mayGo : isOfLists && again ? mayGo.filter(isListed) : []
  const dropped = [...new Set([...named, ...unnamed])]
  return dropped.length === 0 ? undefined : less(sent, dropped)
}

function isRequired(field: string, sent: MoreValues): boolean {
  const meant = fieldsMeant(field, [...new Set([...Object.keys(sent), ...required])])
  return meant.some((id) => required.has(id)) && !meant.some((id) => id in sent)
}
