/** The mapping of a connection as a file has it: of a whole tenant, or by itself as `mapping suggest` prints it. */
import { NeedsPerson } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import { isRecord } from '../base/refusal.ts'
import { integrations } from '../integrations/registry.ts'
import type { Integration } from '../sdk/integration.ts'
import type { Connection } from '../tenants/connection.ts'
import type { ConnectionMapping } from '../tenants/connection-values.ts'
import { invalid, readDeclaration } from '../tenants/declaration.ts'
import { parseYaml } from '../tenants/interpolate.ts'
import { mappingFaults } from '../tenants/mapping-faults.ts'
import type { CommandContext } from './command.ts'
import { readText } from './read-text.ts'
import { type MappedConnection, mappingWith, settingsDeciding } from './with-mapping.ts'

export async function mappingInFile(
  { environment }: Pick<CommandContext, 'environment'>,
  { connection, integration, tenant }: MappedConnection,
  path: string,
): Promise<ConnectionMapping> {
  const text = await readText(path)
  const alone = mappingAlone(text)
  if (alone !== undefined) return mappingWith(integration, withFields(integration, connection, alone))
  const file = readDeclaration(text, { integrations, variables: environment })
  const declared = file.tenants
    .find(({ slug }) => slug === tenant.slug)
    ?.connections.find((one) => one.integration === integration.name)
  if (declared !== undefined) return mappingWith(integration, declared)
  throw new NeedsPerson(
    'cli.not_in_file',
    `The file has no connection of ${tenant.slug} to ${integration.name}.`,
    { fix: 'Name the file that declares it, or another tenant or integration.' },
  )
}

/** Undefined: the file is something else. Comments alone are what is printed where nothing has to be mapped. */
export function mappingAlone(text: string): JsonObject | undefined {
  const parsed = parseYaml(text)
  if (!parsed.ok) return undefined
  const file = parsed.value
  if (file === null && text.includes('#')) return {}
  if (!isRecord(file) || Object.keys(file).join() !== 'mapping') return undefined
  return isRecord(file['mapping']) ? (file['mapping'] as JsonObject) : undefined
}

/** Each field in place of what the connection has for it, whether a mapping or a setting. */
export function withFields(
  integration: Integration,
  connection: Pick<Connection, 'settings' | 'mapping'>,
  fields: JsonObject,
): { readonly settings: JsonObject; readonly mapping: JsonObject } {
  const faults = mappingFaults(integration, { mapping: fields })
  if (faults.length > 0)
    throw invalid(faults.map(({ target, problem }) => ({ path: `mapping.${target}`, problem })))
  const replaced = settingsDeciding({ connection, integration }, Object.keys(fields))
  const settings = Object.fromEntries(
    Object.entries(connection.settings).filter(([name]) => !replaced.includes(name)),
  )
  return { settings, mapping: { ...connection.mapping?.written, ...fields } }
}
