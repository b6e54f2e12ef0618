/** What to send after a refusal: list items by their ids, then without the refused optional fields. Pure. */
import { fieldsMeant } from './field-names.ts'
import { required } from './field-rules.ts'
import { allById, type MoreValues, namedIn, without } from './more-values.ts'

interface Rules {
  /** True if this was not the first refusal of the attempt. */
  readonly again: boolean
  /** Fields that the mapping says must not be left out. */
  readonly mustKeep: ReadonlySet<string>
}

/** `fields`: those that HiBob names. Undefined: nothing else can be sent, because it objects to a required field or to one that was not sent. */
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

  // If no field is named, ids are tried first, since they lose nothing. All lists switch to ids at once, because HiBob may name only one
  // field at a time and three calls must suffice.
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
