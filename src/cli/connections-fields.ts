/** `connections fields` */
import { openOutbound, openPoliteHttp } from '../app/outbound.ts'
import { counted } from '../base/duration.ts'
import { Refused } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import { withoutSteering } from '../base/plain-text.ts'
import { integrations } from '../integrations/registry.ts'
import { nearFields } from '../mapping/near/fields-meant.ts'
import type { Choice, Target } from '../mapping/target.ts'
import { connectionFields } from '../tenants/connection-values.ts'
import type { Command, CommandContext, CommandResult, Input } from './command.ts'
import { connectionArguments } from './connection-arguments.ts'
import { choicesResult, kindOf, matches } from './field-choices.ts'
import { unknownConnection } from './known-names.ts'
import { givenLimit } from './limit.ts'
import { withStoreToRead } from './with-store.ts'
import { WrongUsage } from './wrong-usage.ts'

const usualItems = 50

export const connectionsFields: Command = {
  name: 'connections fields',
  summary: 'List the fields that the destination has now, or the items of the list of one',
  details:
    'Asks the destination. With FIELD, its list is shown item by item: id, name, the headings above it in a tree, and whether it is archived. ' +
    'A mapping names an item by its name or its id; headings and archived items cannot be chosen.\n\n' +
    'Without FIELD, only fields that can be written are listed; `--json` has all of them, each list as a tree. With FIELD, `--json` has ' +
    '`field`, `choices` (`id`, `name`, `under`, `archived`, `choosable`; null where there is no list or it is not shown) and `total`.',
  arguments: [
    ...connectionArguments,
    {
      name: 'FIELD',
      description: 'The items of this field, such as work.department',
      optional: true,
      option: 'field',
    },
  ],
  options: [
    { name: 'group', value: 'NAME', description: 'Only fields of this group, such as Work' },
    {
      name: 'search',
      value: 'TEXT',
      description:
        'Only fields with this in their id or name; with FIELD, items with it in their id, name or headings',
    },
    {
      name: 'limit',
      value: 'N',
      description: `Show at most this many; without it all fields, and ${usualItems} items`,
    },
  ],
  examples: [
    'connections fields acme hibob',
    'connections fields acme hibob --group Work --json',
    'connections fields acme hibob --search phone',
    'connections fields acme hibob work.department',
    'connections fields acme hibob work.title --search engineer --json',
  ],
  prints: 'data',
  database: 'reads',
  run: (context) => {
    const choice = choiceOf(context.input)
    return withFields(context, (fields) => {
      if (choice.field === undefined) return listed(ofGroup(fields, choice.group), choice)
      return choicesResult(fieldNamed(fields, choice.field), {
        search: choice.search,
        limit: choice.limit ?? (context.json ? Infinity : usualItems),
      })
    })
  },
}

interface Chosen {
  readonly field: string | undefined
  readonly group: string | undefined
  readonly search: string | undefined
  readonly limit: number | undefined
}

function choiceOf(input: Input): Chosen {
  const [field, group] = [input.optionalArgument('FIELD'), input.option('group')]
  if (field !== undefined && group !== undefined) {
    throw new WrongUsage('cli.choice_twice', 'The command names a field and a group.', {
      fix: 'Name one of them.',
    })
  }
  return { field, group, search: input.option('search'), limit: givenLimit(input) }
}

function withFields(
  context: CommandContext,
  work: (fields: readonly Target[]) => CommandResult,
): Promise<CommandResult> {
  return withStoreToRead(context, async (store) => {
    const { input, log } = context
    const [tenant, integration] = [input.argument('TENANT'), input.argument('INTEGRATION')]
    const connection = await store.connections.open(tenant, integration)
    if (connection === undefined) throw await unknownConnection(store, tenant, integration)
    const outbound = openOutbound(context.config())
    try {
      const parts = { store, outbound, log, address: context.config().egressName }
      const openHttp = await openPoliteHttp(parts, connection.tenant.id)
      return work(await connectionFields({ integrations, openHttp }, connection))
    } finally {
      await outbound.close()
    }
  })
}

function ofGroup(fields: readonly Target[], group: string | undefined): readonly Target[] {
  if (group === undefined) return fields
  const found = fields.filter((field) => field.group.toLowerCase() === group.trim().toLowerCase())
  if (found.length > 0) return found
  const groups = [...new Set(fields.map((field) => field.group))]
  throw new Refused('cli.unknown_group', `There is no group ${group}. There are: ${groups.join(', ')}.`)
}

function fieldNamed(fields: readonly Target[], id: string): Target {
  const found = fields.find((field) => field.id === id)
  if (found !== undefined) return found
  const titled = fields.filter(({ title }) => matches(id, [title])).map((field) => field.id)
  const near = [...new Set([...titled, ...nearFields(id, fields)])].slice(0, 3)
  const meant = near.length === 0 ? '.' : `; did you mean ${near.join(', or ')}?`
  throw new Refused('cli.unknown_field', `The destination has no field "${id}"${meant}`)
}

function listed(all: readonly Target[], { search, limit = Infinity }: Chosen): CommandResult {
  const found = all.filter(({ id, title }) => matches(search, [id, title]))
  return { data: { fields: found.slice(0, limit).map(fieldData) }, text: textOf(found, { search, limit }) }
}

function fieldData({ choices, ...field }: Target): JsonObject {
  return { ...field, ...(choices !== undefined && { choices: choices.map(choiceData) }) }
}

function choiceData({ id, name, archived, children }: Choice): JsonObject {
  return { id: id ?? null, name, archived, children: children.map(choiceData) }
}

function textOf(
  fields: readonly Target[],
  { search, limit }: { readonly search: string | undefined; readonly limit: number },
): string {
  const writable = fields.filter((field) => field.writable)
  const shown = writable.slice(0, limit)
  const groups = [...new Set(shown.map(({ group }) => group))]
  const widths = { id: widest(shown.map(({ id }) => id)), kind: widest(shown.map((one) => kindText(one))) }
  const lines = groups.flatMap((group) => [
    '',
    withoutSteering(group),
    ...shown.filter((field) => field.group === group).map((field) => lineOf(field, widths)),
  ])
  const others = fields.length - writable.length
  const notes = [
    ...(shown.length < writable.length ? [`${shown.length} are shown: --limit shows more.`] : []),
    ...(others === 0 ? [] : [`${counted(others, 'field')} more cannot be written: --json has them.`]),
  ]
  const none = search !== undefined && writable.length === 0
  return [
    none
      ? 'No field that can be written has that in its id or name.'
      : `${counted(writable.length, 'field')} can be written.`,
    ...lines,
    ...(notes.length === 0 ? [] : ['', ...notes]),
  ].join('\n')
}

/** Neither an id nor a name is cut: whoever maps has to type it. A long id takes the room behind the kind. */
function lineOf(field: Target, widths: { readonly id: number; readonly kind: number }): string {
  const [id, title] = [field.id, field.title].map(withoutSteering)
  const shown = id?.padEnd(widths.id) ?? ''
  return `  ${shown} ${kindText(field).padEnd(widths.kind + widths.id - shown.length)} ${title ?? ''}`
}

function kindText({ maxLength: _, ...field }: Target): string {
  return kindOf(field).join(', ')
}

/** A single long one does not push all others out of 80 columns. */
function widest(texts: readonly string[]): number {
  const widths = texts.map((text) => text.length).filter((width) => width <= longestAligned)
  return Math.max(0, ...widths)
}
const longestAligned = 32
