/** The mapping of a connection, applied to one hire, against the fields that the destination has. Pure. */
import { type CheckedValues, checkValues } from './check.ts'
import { evaluate, type Evaluated, type Gap } from './evaluate.ts'
import { type Expression, expressionText, neverDay, ownDefault } from './expression.ts'
import type { Mapping, Rule } from './mapping.ts'
import type { Hire } from './sources.ts'
import type { Target } from './target.ts'

export interface WholeMapping {
  readonly mapping: Mapping
  /** What the integration does by itself. */
  readonly defaults: Mapping
  /** As the integration declares them, whoever the customer is. */
  readonly targets: readonly Target[]
  /** Where a setting says a part of a default. */
  readonly settings?: SettingsOfParts | undefined
}

/** Target → part of its default → the setting that says it. */
export type SettingsOfParts = Readonly<
  Record<string, Readonly<Partial<Record<'constant' | 'values' | 'otherwise', string>>>>
>

export interface AppliedMapping extends CheckedValues {
  /** Before any check. */
  readonly evaluated: Evaluated
  /** Against all fields that the destination has now, instead of those that are declared. */
  readonly against: (fields: readonly Target[]) => CheckedValues
}

export function applyMapping(whole: WholeMapping, hire: Hire, timeZone: string | undefined): AppliedMapping {
  const { mapping, defaults, targets } = whole
  const evaluated = evaluate(mapping, hire, { timeZone, defaults })
  const mended = ({ values, gaps }: CheckedValues, known: readonly Target[]): CheckedValues => ({
    values,
    gaps: gaps.map((gap) => ({ ...gap, mend: mendOf(gap, whole, known) })),
  })
  return {
    evaluated,
    ...mended(checkValues(evaluated, targets), targets),
    against: (fields) => {
      const known = [...fields, ...demanded(targets, fields)]
      return mended(checkValues(evaluated, known, { all: true }), known)
    },
  }
}

/** A new record needs what the integration says, even where the destination does not show the field, and has what it never shows. */
export function demanded(targets: readonly Target[], fields: readonly Target[]): readonly Target[] {
  const shown = new Set(fields.map(({ id }) => id))
  return targets
    .filter(({ id, required, unlisted }) => (required || unlisted === true) && !shown.has(id))
    .map((one) => ({ ...one, writable: true }))
}

/** One line of YAML, with where it belongs. Undefined: no mapping mends it, but whoever corrects the value. */
function mendOf(
  gap: Gap,
  { mapping, defaults, settings }: WholeMapping,
  targets: readonly Target[],
): string | undefined {
  const { target, code, parks } = gap
  if (code === 'unknown_field' || code === 'not_writable') return undefined
  const own = mapping.get(target)
  const rule = own ?? defaults.get(target)
  const field = targets.find(({ id }) => id === target)
  if (rule === undefined) return `${text(target)}: { constant: … }`
  // `apply` refuses a mapping of what a setting says.
  const bySetting = own === undefined ? settings?.[target] : undefined
  if (code === 'unfit' && rule.kind === 'from' && rule.from.some((one) => neverDay(one) !== undefined))
    return `${text(target)}: ${listed(rule.from.map((one) => written(neverDay(one)?.without ?? one)))}`
  const chosen = chooses(gap, rule, bySetting)
  if (chosen !== undefined) return chosen
  if (field?.required !== true) return parks ? `otherwise: leave-out # of ${target}` : undefined
  if (rule.kind !== 'from' || code !== 'no_value') return undefined
  const from = rule.from.map(written)
  if (field.type === 'date')
    return `${text(target)}: [${[...from, 'application.hiredAt|plusDays(14)'].join(', ')}]`
  return field.type === 'choice' ? instead(target, '…', bySetting?.otherwise) : undefined
}

type Parts = SettingsOfParts[string]

/** Of a value that the destination does not know. */
function chooses(
  { target, code, rule: part, key, best }: Pick<Gap, 'target' | 'code' | 'rule' | 'key' | 'best'>,
  rule: Rule,
  settings: Parts = {},
): string | undefined {
  const isListed = ['not_a_choice', 'ambiguous_choice', 'not_in_values', 'not_a_boolean'].includes(code)
  if (!isListed) return undefined
  const wanted = best === undefined ? '…' : text(best)
  if (part === 'constant')
    return settings.constant === undefined
      ? `${text(target)}: { constant: ${wanted} }`
      : instead(target, wanted, settings.constant)
  if (part === 'otherwise') return instead(target, wanted, settings.otherwise)
  if (key === undefined || rule.kind !== 'from') return undefined
  const entry = `${text(key)}: ${wanted}`
  if (rule.values !== undefined)
    return `${entry} # in the ${settings.values === undefined ? `values of ${target}` : `setting \`${settings.values}\``}`
  const from = rule.from.map(written)
  return `${text(target)}: { from: ${listed(from)}, values: { ${entry} } }`
}

function instead(target: string, wanted: string, setting: string | undefined): string {
  return setting === undefined
    ? `otherwise: { value: ${wanted} } # of ${target}`
    : `${setting}: ${wanted} # the setting`
}

/** Names of custom attributes are in quotes already, which YAML takes within a plain text but not within a list. */
function written(expression: Expression): string {
  const whole = expressionText(expression)
  return /["[\]{},#:]/.test(whole) && expression.source !== ownDefault ? JSON.stringify(whole) : whole
}

function listed(from: readonly string[]): string {
  return from.length === 1 ? from.join() : `[${from.join(', ')}]`
}

export { chooses as mendOfChoice, text as yamlText }

/** In quotes where YAML would take it for something else. */
function text(value: string): string {
  return /^[\p{L}_][\p{L}\p{N}_. -]*[\p{L}\p{N}_]$/u.test(value) &&
    !/^(true|false|yes|no|on|off|null)$/i.test(value)
    ? value
    : JSON.stringify(value)
}
