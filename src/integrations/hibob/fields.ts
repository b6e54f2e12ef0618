/** The fields of an employee that a mapping can fill, as HiBob's own metadata and lists describe them. */
import type { Choice, Target } from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import { derived, mostNameLetters, required } from './field-rules.ts'
import { rowTargets } from './tables.ts'
import type { FieldMetadata } from './wire.ts'

export type ListTrees = Readonly<Record<string, readonly Choice[]>>

/** A field as HiBob describes it. */
export interface BobField extends Target {
  /** Its items go by their ids, which are numbers. */
  readonly idsOnly?: true
}

/** Two calls. Of lists that are not shown the choices are not known. */
export async function fieldsOfBob(bob: Pick<Bob, 'fields' | 'listTrees'>): Promise<readonly BobField[]> {
  const fields = await bob.fields()
  const lists = await bob.listTrees()
  return targetsOf(fields, lists)
}

export function targetsOf(
  fields: readonly FieldMetadata[],
  lists: ListTrees | undefined,
): readonly BobField[] {
  const shown = new Set(fields.map(({ id }) => id))
  return [
    ...fields.map((field) => targetOf(field, lists)).map(ofRow),
    ...rowTargets.filter(({ id }) => !shown.has(id)),
  ]
}

/** Of a row of a table, which is made after the employee. */
function ofRow(field: BobField): BobField {
  const { type, personal } = rowTargets.find(({ id }) => id === field.id) ?? {}
  if (type === undefined) return field
  return { ...field, type, writable: true, ...(personal === true && { personal }) }
}

function targetOf({ id, name, group, type, list }: FieldMetadata, lists: ListTrees | undefined): BobField {
  const kind = kindOf(id, type)
  // A new employee's site goes by its name into a field that HiBob describes as text.
  const listName = id === 'work.site' ? 'site' : list
  const isRequired = required.has(id)
  const choices = listName === undefined ? undefined : lists?.[listName]
  return {
    id,
    title: name,
    group,
    type: kind ?? 'text',
    required: isRequired,
    // HiBob takes the values that it demands, whatever kind it says that they have.
    writable: isRequired || (kind !== undefined && !derived(id)),
    ...(mostNameLetters[id] !== undefined && { maxLength: mostNameLetters[id] }),
    ...(type === 'multi-list' && { multiple: true as const }),
    ...(type === 'list_id' && { idsOnly: true as const }),
    ...(choices !== undefined && { choices }),
  }
}

const kinds: Readonly<Record<string, Target['type']>> = {
  text: 'text',
  'text-area': 'text',
  date: 'date',
  number: 'number',
  boolean: 'boolean',
  list: 'choice',
  list_id: 'choice',
  'multi-list': 'choice',
  'hierarchy-list': 'choice',
  employee: 'person',
  'employee-reference': 'person',
  currency: 'money',
}

/** Undefined: of a kind that nobody can enter as a value, such as a period or a working pattern. */
function kindOf(id: string, type: string): Target['type'] | undefined {
  if (id === 'work.site') return 'choice'
  const kind = kinds[type]
  return kind === 'text' && /^(temporaryA|a)ddress\./.test(id) ? 'address_part' : kind
}
