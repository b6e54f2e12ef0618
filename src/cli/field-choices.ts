/** The items of one field's list, as a mapping can name them. */
import { counted } from '../base/duration.ts'
import { folded } from '../mapping/same-text.ts'
import type { Choice, Target } from '../mapping/target.ts'
import type { CommandResult } from './command.ts'
import { table } from './table.ts'

interface Item extends Pick<Choice, 'id' | 'name' | 'archived'> {
  /** The headings above it, the topmost first. */
  readonly under: readonly string[]
  /** Only leaves that are not archived can be chosen. */
  readonly choosable: boolean
}

export interface Shown {
  readonly search: string | undefined
  readonly limit: number
}

export function choicesResult(field: Target, { search, limit }: Shown): CommandResult {
  const { choices, ...described } = field
  const all = choices && itemsOf(choices)
  const found = all?.filter(({ id, name, under }) => matches(search, [id ?? '', name, pathOf(under)]))
  const items = found?.slice(0, limit)
  return {
    data: {
      field: { ...described },
      choices: items?.map((item) => ({ ...item, id: item.id ?? null, under: [...item.under] })) ?? null,
      total: found?.length ?? null,
    },
    text: [
      `${field.id}: ${[`${field.title} (${field.group})`, ...kindOf(field)].join(', ')}`,
      '',
      ...(items === undefined || found === undefined || all === undefined
        ? [withoutList(field)]
        : listText(items, { found: found.length, all: all.length })),
    ].join('\n'),
  }
}

export function matches(search: string | undefined, texts: readonly string[]): boolean {
  return search === undefined || texts.some((text) => folded(text).includes(folded(search)))
}

/** Such as `text, required`. */
export function kindOf({
  type,
  required,
  writable,
  multiple,
  choices,
  maxLength,
}: Target): readonly string[] {
  const kind =
    choices === undefined
      ? type.replaceAll('_', ' ')
      : `${multiple === true ? 'several' : '1'} of ${itemsOf(choices).filter(({ choosable }) => choosable).length}`
  return [
    kind,
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(required ? ['required'] : []),
    ...(writable ? [] : ['takes no value']),
  ]
}

function itemsOf(choices: readonly Choice[], under: readonly string[] = []): readonly Item[] {
  return choices.flatMap(({ id, name, archived, children }) => [
    { id, name, under, archived, choosable: !archived && children.length === 0 },
    ...itemsOf(children, [...under, name]).map((one) =>
      archived ? { ...one, archived, choosable: false } : one,
    ),
  ])
}

function pathOf(under: readonly string[]): string {
  return under.join(' / ')
}

function withoutList({ type }: Target): string {
  return type === 'choice'
    ? 'The destination does not show its list to these credentials.'
    : 'It has no list: any value of its kind is taken.'
}

function listText(
  items: readonly Item[],
  { found, all }: { readonly found: number; readonly all: number },
): readonly string[] {
  if (items.length === 0)
    return [all === 0 ? 'Its list is empty.' : 'No item has that in its id, name or path.']
  const isTree = items.some(({ under }) => under.length > 0)
  const part =
    items.length === found
      ? []
      : ['', `${items.length} of ${counted(found, 'item')}: --limit shows more, --search finds one.`]
  return [
    table(
      ['ID', 'NAME', ...(isTree ? ['UNDER'] : []), ''],
      items.map((item) => [
        item.id ?? '',
        item.name,
        ...(isTree ? [pathOf(item.under)] : []),
        item.archived ? 'archived' : item.choosable ? '' : 'a heading',
      ]),
    ),
    ...part,
  ]
}
