/** `mapping show | history | diff` */
import { isDeepStrictEqual } from 'node:util'

import { stringify } from 'yaml'

import type { StoreToRead } from '../app/store-to-read.ts'
import { NeedsPerson, Refused } from '../base/failure.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { integrations } from '../integrations/registry.ts'
import type { Connection } from '../tenants/connection.ts'
import type { MappingVersion } from '../tenants/ports.ts'
import type { Command, CommandContext, CommandResult } from './command.ts'
import { connectionArguments } from './connection-arguments.ts'
import { mustFind } from './known-names.ts'
import { table } from './table.ts'
import { withStoreToRead } from './with-store.ts'

export const mappingShow: Command = {
  name: 'mapping show',
  summary: 'Show which field of the destination gets which value, as YAML for the file of the tenant',
  details:
    'Fields that the connection does not map are shown as well, with what the integration and its settings do by themselves.',
  arguments: connectionArguments,
  options: [
    { name: 'version', value: 'N', description: 'An earlier one, as a run names it; default: the one now' },
  ],
  examples: ['mapping show acme hibob', 'mapping show acme hibob --version 3'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async (store) => {
      const connection = await found(context, store)
      const wanted = context.input.option('version')
      if (wanted !== undefined)
        return shownVersion(versionNamed(await store.connections.mappings(connection.id), wanted))
      const { mapping } = connection
      const defaults = defaultsOf(connection)
      const own = mapping?.written ?? {}
      const byItself = Object.fromEntries(Object.entries(defaults).filter(([target]) => !(target in own)))
      const version =
        mapping === undefined ? 'The connection has no mapping of its own.' : `# Version ${mapping.version}`
      const rest =
        Object.keys(byItself).length === 0
          ? ''
          : `\n# By itself, with the settings of the connection:\n${yaml(byItself)}`
      return {
        data: { version: mapping?.version ?? null, mapping: mapping?.written ?? null, byItself },
        text: mapping === undefined ? `# ${version}${rest}` : `${version}\n${yaml(own)}${rest}`,
      }
    }),
}

/** What the settings did by themselves at that time is not kept. */
function shownVersion({ version, mapping, at, actor }: MappingVersion): CommandResult {
  const head = `# Version ${version}, applied ${at.toISOString()} by ${actor}`
  const rest = mapping === null ? '# The mapping was removed.' : yaml(mapping)
  return { data: { version, mapping, at: at.toISOString(), actor }, text: `${head}\n${rest}` }
}

export const mappingHistory: Command = {
  name: 'mapping history',
  summary: 'List the versions of a mapping: when it was changed, by whom, and which fields',
  arguments: connectionArguments,
  examples: ['mapping history acme hibob', 'mapping history acme hibob --json'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async (store) => {
      const versions = await store.connections.mappings((await found(context, store)).id)
      const rows = versions.map((one, index) => ({
        ...one,
        at: one.at.toISOString(),
        changed: changedBetween(versions[index + 1]?.mapping ?? {}, one.mapping ?? {}).map(
          ({ target }) => target,
        ),
      }))
      if (rows.length === 0) return { data: [], text: 'The connection has never had a mapping.' }
      return {
        data: rows,
        text: table(
          ['VERSION', 'AT', 'BY', 'CHANGED'],
          rows.map(({ version, at, actor, changed }) => [String(version), at, actor, changed.join(', ')]),
        ),
      }
    }),
}

export const mappingDiff: Command = {
  name: 'mapping diff',
  summary: 'Show what differs between two versions of a mapping',
  arguments: [
    ...connectionArguments,
    { name: 'FROM', description: 'The number of a version' },
    { name: 'TO', description: 'Another one; default: the newest', optional: true },
  ],
  examples: ['mapping diff acme hibob 1', 'mapping diff acme hibob 1 3 --json'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async (store) => {
      const versions = await store.connections.mappings((await found(context, store)).id)
      const from = versionNamed(versions, context.input.argument('FROM'))
      const to = versionNamed(
        versions,
        context.input.optionalArgument('TO') ?? String(versions[0]?.version ?? ''),
      )
      const changed = changedBetween(from.mapping ?? {}, to.mapping ?? {})
      const lines = changed.flatMap(({ target, before, after }) => [
        ...(before === undefined ? [] : [prefixed('-', { [target]: before })]),
        ...(after === undefined ? [] : [prefixed('+', { [target]: after })]),
      ])
      return {
        data: changed.map(({ target, before, after }) => ({
          target,
          before: before ?? null,
          after: after ?? null,
        })),
        text: lines.length === 0 ? 'Nothing differs.' : lines.join('\n'),
      }
    }),
}

async function found({ input }: CommandContext, store: StoreToRead): Promise<Connection> {
  return mustFind(store, input.argument('TENANT'), input.argument('INTEGRATION'))
}

/** As the settings stand now. Unreadable ones decide nothing. */
export function defaultsOf({
  integration: name,
  settings,
}: Pick<Connection, 'integration' | 'settings'>): JsonObject {
  const integration = integrations.find((one) => one.name === name)
  const read = integration?.settings.safeParse(settings)
  return (read?.success === true && integration?.mapping?.defaults(read.data)) || {}
}

function versionNamed(versions: readonly MappingVersion[], text: string): MappingVersion {
  const version = versions.find((one) => String(one.version) === text)
  if (version !== undefined) return version
  if (versions.length === 0)
    throw new NeedsPerson('cli.no_mapping', 'The connection has never had a mapping.', {
      fix: 'Write `mapping` into the connection in the file of the tenant and apply it.',
    })
  throw new Refused(
    'cli.unknown_mapping_version',
    `There is no such version. There are: ${versions.map((one) => one.version).join(', ')}.`,
  )
}

function changedBetween(before: JsonObject, after: JsonObject) {
  const targets = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return targets
    .map((target) => ({ target, before: before[target], after: after[target] }))
    .filter((one) => !isDeepStrictEqual(one.before, one.after))
}

function yaml(mapping: Json): string {
  return stringify(mapping, { lineWidth: 0 }).trimEnd()
}

function prefixed(sign: string, mapping: Json): string {
  return yaml(mapping)
    .split('\n')
    .map((line) => `${sign} ${line}`)
    .join('\n')
}
