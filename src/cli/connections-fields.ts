/** `connections fields` */
import { openOutbound, openPoliteHttp } from '../app/outbound.ts'
import { counted } from '../base/duration.ts'
import { Refused } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import { withoutSteering } from '../base/plain-text.ts'
import { integrations } from '../integrations/registry.ts'
import type { Choice, Target } from '../mapping/target.ts'
import { connectionFields } from '../tenants/connection-values.ts'
import type { Command } from './command.ts'
import { unknownConnection } from './known-names.ts'
import { withStoreToRead } from './with-store.ts'

export const connectionsFields: Command = {
  name: 'connections fields',
  summary: 'List the fields that the destination has now, with their types and how many values can be chosen',
  details:
    'Asks the destination. Only fields that can be written are listed; `--json` has all of them, and the choices with their ids.',
  arguments: [
    { name: 'TENANT', description: "The tenant's slug" },
    { name: 'INTEGRATION', description: 'Such as hibob' },
  ],
  options: [{ name: 'group', value: 'NAME', description: 'Only fields of this group, such as Work' }],
  examples: ['connections fields acme hibob', 'connections fields acme hibob --group Work --json'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async (store) => {
      const { input, log } = context
      const [tenant, integration] = [input.argument('TENANT'), input.argument('INTEGRATION')]
      const connection = await store.connections.open(tenant, integration)
      if (connection === undefined) throw await unknownConnection(store, tenant, integration)
      const outbound = openOutbound(context.config())
      try {
        const parts = { store, outbound, log, address: context.config().egressName }
        const openHttp = await openPoliteHttp(parts, connection.tenant.id)
        const all = await connectionFields({ integrations, openHttp }, connection)
        const fields = ofGroup(all, input.option('group'))
        return { data: { fields: fields.map(fieldData) }, text: textOf(fields) }
      } finally {
        await outbound.close()
      }
    }),
}

function ofGroup(fields: readonly Target[], group: string | undefined): readonly Target[] {
  if (group === undefined) return fields
  const found = fields.filter((field) => field.group.toLowerCase() === group.trim().toLowerCase())
  if (found.length > 0) return found
  const groups = [...new Set(fields.map((field) => field.group))]
  throw new Refused('cli.unknown_group', `There is no group ${group}. There are: ${groups.join(', ')}.`)
}

function fieldData({ choices, ...field }: Target): JsonObject {
  return { ...field, ...(choices !== undefined && { choices: choices.map(choiceData) }) }
}

function choiceData({ id, name, archived, children }: Choice): JsonObject {
  return { id: id ?? null, name, archived, children: children.map(choiceData) }
}

/** For 80 columns: a long id takes what it needs, a long title is cut. */
const idWidth = 32
const titleWidth = 24
const leastTitleWidth = 10

function textOf(fields: readonly Target[]): string {
  const writable = fields.filter((field) => field.writable)
  const groups = [...new Set(writable.map(({ group }) => group))]
  const lines = groups.flatMap((group) => [
    '',
    withoutSteering(group),
    ...writable.filter((field) => field.group === group).map(lineOf),
  ])
  const others = fields.length - writable.length
  const note =
    others === 0 ? [] : ['', `${counted(others, 'field')} more cannot be written: --json has them.`]
  return [`${counted(writable.length, 'field')} can be written.`, ...lines, ...note].join('\n')
}

function lineOf({ id, title, type, required, choices }: Target): string {
  const letters = Array.from(withoutSteering(title))
  const width = Math.max(leastTitleWidth, titleWidth - Math.max(0, id.length - idWidth))
  const shown = letters.length > width ? `${letters.slice(0, width - 1).join('')}…` : letters.join('')
  const kind = choices === undefined ? type.replaceAll('_', ' ') : `1 of ${countOf(choices)}`
  const words = [withoutSteering(id).padEnd(idWidth), shown.padEnd(width), kind]
  return `  ${words.join(' ')}${required ? ', required' : ''}`
}

function countOf(choices: readonly Choice[]): number {
  return choices.reduce(
    (sum, { archived, children }) => sum + (children.length > 0 ? countOf(children) : archived ? 0 : 1),
    0,
  )
}
