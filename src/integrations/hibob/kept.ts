/**
 * Compares what a create has sent with HiBob's answer, which is the whole employee. HiBob drops fields that the service user may not edit
 * without an error, so only a comparison finds them. Pure.
 */
import { isRecord, sameText } from '../../sdk/index.ts'

export interface SentValue {
  /** HiBob's name of the field, such as `work.title`; of two the first that the answer has a value for. */
  readonly ids: readonly [string, ...string[]]
  /** As people call it. */
  readonly title: string
  /** By which HiBob grants permissions. */
  readonly category: string
  /** For each item that was sent (most fields have one), the texts by which HiBob may show it: its name or its id. */
  readonly items: readonly (readonly string[])[]
}

export interface Warning {
  readonly code: string
  readonly message: string
}

type Kept = 'kept' | 'dropped' | 'changed' | 'not_shown'

/** At most one warning of each kind. They name fields and categories, never values. */
export function notKept(answer: unknown, sent: readonly SentValue[]): readonly Warning[] {
  const those = (kind: Kept) => sent.filter((one) => keptIn(answer, one) === kind)
  const [dropped, changed, hidden] = [those('dropped'), those('changed'), those('not_shown')]
  return [
    ...(dropped.length === 0
      ? []
      : [
          {
            code: 'hibob.fields_dropped',
            message:
              `HiBob made the employee without ${named(dropped)}: the service user may not edit ${categories(dropped)}. ` +
              'Enter what is missing in HiBob, and grant the service user that edit for the next hires.',
          },
        ]),
    ...(changed.length === 0
      ? []
      : [
          {
            code: 'hibob.fields_changed',
            message:
              `HiBob holds something else than was sent as ${named(changed)}. Check it in HiBob, ` +
              `and whether the service user may edit ${categories(changed)}.`,
          },
        ]),
    ...(hidden.length === 0
      ? []
      : [
          {
            code: 'hibob.fields_not_shown',
            message:
              `HiBob does not show ${named(hidden)} to the service user, so it is not known whether that was stored. ` +
              `Check it in HiBob, and grant the service user the edit and view of ${categories(hidden)}.`,
          },
        ]),
  ]
}

function named(values: readonly SentValue[]): string {
  return values.map(({ title, ids: [id] }) => `${title} (${id})`).join(', ')
}

function categories(values: readonly SentValue[]): string {
  return [...new Set(values.map(({ category }) => category))].join(' and ')
}

function keptIn(answer: unknown, { ids, items }: SentValue): Kept {
  const shown = ids.map((id) => at(answer, id)).filter((value) => value !== undefined)
  if (shown.length === 0) return 'not_shown'
  const held = shown.map(textsOf).find((texts) => texts.length > 0)
  if (held === undefined) return 'dropped'
  return items.every((values) => holdsOneOf(held, values)) ? 'kept' : 'changed'
}

/** `held`: a value, an item of a list or a person, as HiBob shows it. */
export function holdsOneOf(held: unknown, values: readonly (string | undefined)[]): boolean {
  return textsOf(held).some((text) => values.some((value) => value !== undefined && isStoredAs(value, text)))
}

/** Root fields are at the top level of an answer, without `root.`. A field within a null category counts as null, not as hidden. */
function at(answer: unknown, id: string): unknown {
  return id
    .replace(/^root\./, '')
    .split('.')
    .reduce<unknown>(
      (part, name) => (isRecord(part) ? part[name] : part),
      isRecord(answer) ? answer : undefined,
    )
}

/** For an item or a person: name and id. */
function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf)
  if (isRecord(value)) return [value['id'], value['name'], value['value']].flatMap(textsOf)
  const isText = typeof value === 'string' && value.trim() !== ''
  return isText || typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : []
}

/** HiBob may return a date with a time. */
function isStoredAs(sent: string, held: string): boolean {
  return sameText(sent, held) || held.startsWith(`${sent}T`)
}
