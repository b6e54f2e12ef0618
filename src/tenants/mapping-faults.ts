/** What is wrong with the mapping of a declared connection. */
import { isRecord } from '../base/refusal.ts'
import { expressionText, neverDay } from '../mapping/expression.ts'
import { expressionsOf, type Mapping, readMapping } from '../mapping/mapping.ts'
import type { Target } from '../mapping/target.ts'
import type { Integration } from '../sdk/integration.ts'

interface Declared {
  readonly settings?: unknown
  readonly mapping?: unknown
}

/** A field that names a person is filled by finding one, or with their id, and no other field is. */
function findFaults(mapping: Mapping, targets: readonly Target[]) {
  return [...mapping].flatMap(([target, rule]) => {
    const finds = rule.kind === 'from' && rule.find !== undefined
    const known = targets.find(({ id }) => id === target)
    // Of a field that only the destination knows, it says later whether it names a person.
    if (known === undefined) return []
    const isPerson = known.type === 'person'
    if (finds === isPerson || (isPerson && rule.kind === 'constant')) return []
    const problem = isPerson
      ? 'names a person: it needs `from` with an e-mail address and `find: employee`, or a constant with an id'
      : 'is no field that names a person, so `find` has no use'
    return [{ target, problem }]
  })
}

/** A filter of days makes nothing of what never is one, so the field would always be left out. */
function filterFaults(mapping: Mapping) {
  return [...mapping].flatMap(([target, rule]) =>
    expressionsOf(rule).flatMap((expression) => {
      const never = neverDay(expression)
      if (never === undefined) return []
      const problem =
        `uses ${never.filter}, which needs a day, on ${expression.source}, which never is one: ` +
        `write ${expressionText(never.without)}, or a source that is a day, such as offer.startOn`
      return [{ target, problem }]
    }),
  )
}

/** The rules that can be read, beside those that cannot. */
function readable(mapping: Readonly<Record<string, unknown>>): Mapping {
  const rules = Object.entries(mapping).flatMap(([target, rule]) => {
    const read = readMapping({ [target]: rule })
    return read.ok ? [...read.mapping] : []
  })
  return new Map(rules)
}

/** A setting and a mapping that decide the same field contradict each other. */
export function mappingFaults(
  integration: Integration,
  { settings, mapping }: Declared,
): readonly { readonly target: string; readonly problem: string }[] {
  // Anything else is reported already.
  if (!isRecord(mapping)) return []
  if (integration.mapping === undefined)
    return [{ target: '', problem: `cannot be given: ${integration.title} takes no mapping` }]
  const { targets, accepts, decidedBy = {} } = integration.mapping
  const read = readMapping(mapping, { targets, accepts })
  const unread = read.ok ? [] : read.faults.map(({ path, problem }) => ({ target: path, problem }))
  const rules = read.ok ? read.mapping : readable(mapping)
  const faults = [...unread, ...findFaults(rules, targets), ...filterFaults(rules)]
  const given = isRecord(settings) ? Object.keys(settings) : []
  const twice = Object.keys(mapping).flatMap((target) => {
    const deciding = Object.hasOwn(decidedBy, target) ? decidedBy[target] : undefined
    const by = (deciding ?? []).filter((name) => given.includes(name))
    return by.length === 0
      ? []
      : [{ target, problem: `is decided by ${by.join(' and ')} in the settings as well: keep one of them` }]
  })
  return [...faults, ...twice]
}
