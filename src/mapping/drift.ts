/**
 * What a mapping names and does not exist (any more): fields of the destination, items of its lists, custom fields of Pinpoint. Pure.
 */
import { quoted } from '../base/plain-text.ts'
import type { CustomField } from '../pinpoint/custom-fields.ts'
import { demanded, mendOfChoice, type SettingsOfParts, type WholeMapping, yamlText } from './against.ts'
import { checkValues } from './check.ts'
import type { MappedValue } from './evaluate.ts'
import { expressionsOf, type Mapping, type Rule } from './mapping.ts'
import { nearFields } from './near/fields-meant.ts'
import { asked, nearest, sameText } from './same-text.ts'
import { namedId, sourceNamed } from './sources.ts'
import type { Choice, Target } from './target.ts'

/** A sentence about a target, and what to do about it. */
export interface Drift {
  readonly target: string
  readonly because: string
  /** The YAML that mends it, with where it belongs: one line, or one for each entry. Undefined: whoever knows the destination decides. */
  readonly mend?: string | undefined
}

export function driftOf(whole: WholeMapping, fields: readonly Target[]): readonly Drift[] {
  const { mapping, defaults, targets, settings = {} } = whole
  const known = [...fields, ...demanded(targets, fields)]
  const missing = known.filter(
    ({ id, required, writable }) => required && writable && !mapping.has(id) && !defaults.has(id),
  )
  return [
    ...[...mapping.keys()].flatMap((target) => misplaced(target, known)),
    ...missing.map(({ id, title }) => ({
      target: id,
      because: `${title} (${id}) is required now, and the mapping does not fill it, so hires park. Map it.`,
      mend: `${yamlText(id)}: { constant: … }`,
    })),
    ...[...defaults, ...mapping].flatMap(([target, rule]) => {
      const field = known.find(({ id }) => id === target)
      const isReplaced = mapping.has(target) && mapping.get(target) !== rule
      return field === undefined || isReplaced
        ? []
        : unfitting(field, rule, mapping.has(target) ? {} : settings[target])
    }),
  ]
}

export interface CustomFieldRead {
  readonly target: string
  readonly source: string
  readonly owner: string
  readonly name: string
}

export function customFieldsRead(mapping: Mapping): readonly CustomFieldRead[] {
  return [...mapping].flatMap(([target, rule]) =>
    expressionsOf(rule).flatMap(({ source }) => {
      const custom = sourceNamed(source)?.custom
      return custom === undefined ? [] : [{ target, source, ...custom }]
    }),
  )
}

export function customFieldDrift(
  read: readonly CustomFieldRead[],
  fields: readonly Pick<CustomField, 'name' | 'of'>[],
): readonly Drift[] {
  return read.flatMap(({ target, source, owner, name }) => {
    const names = fields.filter((field) => (field.of ?? owner) === owner).map((field) => field.name)
    if (names.some((one) => sameText(one, name))) return []
    const near = nearest(name, names).map((one) => namedId(`${owner}.custom`, one))
    const because = `Pinpoint has no custom field ${source}, which ${target} is filled from${asked(near) || '.'}`
    return [{ target, because, ...(near[0] !== undefined && { mend: `${near[0]} # instead of ${source}` }) }]
  })
}

function misplaced(target: string, fields: readonly Target[]): readonly Drift[] {
  const field = fields.find(({ id }) => id === target)
  if (field?.writable === true) return []
  const others = fields.filter(({ writable }) => writable)
  const near = field === undefined ? nearFields(target, others) : []
  const meant = near.length === 0 ? '' : ` Did you mean ${near.join(', or ')}?`
  const because =
    field === undefined
      ? `The destination has no field ${target} any more, so it is left out.${meant}`
      : `${field.title} (${target}) takes no value.`
  return [
    {
      target,
      because: `${because} Remove it from the mapping, or map another field.`,
      ...(near[0] !== undefined && { mend: `${yamlText(near[0])}: … # instead of ${target}` }),
    },
  ]
}

/** Texts that the mapping itself gives: they are known before anybody is hired. */
function unfitting(field: Target, rule: Rule, settings: SettingsOfParts[string] = {}): readonly Drift[] {
  return givenBy(rule).flatMap(({ text, part, keys }) => {
    const value: MappedValue = {
      ...{ target: field.id, value: text, source: undefined, rule: part, find: undefined },
      ...{ organisational: true, parks: false },
    }
    const [gap] = checkValues({ values: [value], gaps: [] }, [field]).gaps.filter(
      ({ code }) => code !== 'no_value',
    )
    if (gap === undefined) return []
    const setting = settings[part]
    const said = setting === undefined ? `${whereText[part]} of` : `the setting \`${setting}\` says for`
    const where = `${quoted(text)}, which ${said} ${field.title} (${field.id})`
    const near =
      gap.code === 'not_a_choice' && gap.near.length > 0
        ? ` Did you mean ${gap.near.map(quoted).join(', or ')}?`
        : ''
    const mends = keys.flatMap((key) => mendOfChoice({ ...gap, rule: part, key }, rule, settings) ?? [])
    const because = `${where}${why(gap.code, field, text)}.${near}`
    return [{ target: field.id, because, ...(mends.length > 0 && { mend: mends.join('\n') }) }]
  })
}

type Part = 'constant' | 'values' | 'otherwise'

const whereText: Readonly<Record<Part, string>> = {
  constant: 'is the constant',
  values: 'is a result in the table of values',
  otherwise: 'is the `otherwise`',
}

function why(code: string, { choices = [] }: Target, text: string): string {
  if (code === 'ambiguous_choice') return ', is several items of its list: name one by its id'
  if (code !== 'not_a_choice') return ', is no value that it takes'
  return isArchived(choices, text) ? ', is archived in its list' : ', is not in its list'
}

function isArchived(choices: readonly Choice[], text: string): boolean {
  return choices.some(
    ({ id, name, archived, children }) =>
      (archived && (id === text || sameText(name, text))) || isArchived(children, text),
  )
}

interface Given {
  readonly text: string
  readonly part: Part
  /** Of a result, the values that it stands for. */
  readonly keys: readonly (string | undefined)[]
}

function givenBy(rule: Rule): readonly Given[] {
  if (rule.kind === 'constant') return [{ text: rule.value, part: 'constant', keys: [undefined] }]
  const entries = rule.kind === 'from' ? (rule.values ?? []) : []
  const results = Map.groupBy(entries, ([, text]) => text)
  const { otherwise } = rule
  return [
    ...Array.from(results, ([text, of]) => ({ text, part: 'values' as const, keys: of.map(([key]) => key) })),
    ...(typeof otherwise === 'object' && 'value' in otherwise
      ? [{ text: otherwise.value, part: 'otherwise' as const, keys: [undefined] }]
      : []),
  ]
}
