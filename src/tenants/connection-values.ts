/** Settings, secrets and mapping of a connection, read with the schemas of its integration: the only way from stored to used values. */
import { NeedsPerson, Refused } from '../base/failure.ts'
import { checkAgainst, type Checked, faultLine } from '../base/fault.ts'
import type { OpenHttp } from '../base/http.ts'
import type { WholeMapping } from '../mapping/against.ts'
import { readMapping } from '../mapping/mapping.ts'
import type { Target } from '../mapping/target.ts'
import type { Integration } from '../sdk/integration.ts'
import type { DecryptedConnection, StoredMapping } from './connection.ts'

export interface ConnectionValues {
  readonly settings: Record<string, unknown>
  readonly secrets: Record<string, unknown>
}

export function readConnectionValues(
  integration: Integration,
  stored: { readonly settings: unknown; readonly secrets: unknown },
): Checked<ConnectionValues> {
  const settings = checkAgainst(integration.settings, stored.settings)
  const secrets = checkAgainst(integration.secrets, stored.secrets)
  if (settings.ok && secrets.ok) {
    return { ok: true, value: { settings: settings.value, secrets: secrets.value } }
  }
  return { ok: false, faults: [settings, secrets].flatMap((part) => (part.ok ? [] : part.faults)) }
}

export type ConnectionMapping = WholeMapping

/** Undefined: the connection has none. `unreadable`: it was applied by another version. */
export function readConnectionMapping(
  { mapping: fields }: Integration,
  stored: Pick<StoredMapping, 'written'> | undefined,
  settings: Record<string, unknown>,
): ConnectionMapping | 'unreadable' | undefined {
  if (stored === undefined) return undefined
  const read = readMapping(stored.written)
  const defaults = readMapping(fields?.defaults(settings) ?? {})
  if (fields === undefined || !read.ok || !defaults.ok) return 'unreadable'
  const unlisted = [...read.mapping.keys()].flatMap((id) => fields.unlisted?.(id) ?? [])
  return {
    mapping: read.mapping,
    defaults: defaults.mapping,
    targets: [...fields.targets, ...unlisted],
    settings: fields.settingsOf,
  }
}

interface FieldsDeps {
  readonly integrations: readonly Integration[]
  /** Opened read-only. */
  readonly openHttp: OpenHttp
}

/** The fields that the destination has now. */
export async function connectionFields(
  { integrations, openHttp }: FieldsDeps,
  { connection, secrets, tenant }: DecryptedConnection,
): Promise<readonly Target[]> {
  const integration = integrations.find(({ name }) => name === connection.integration)
  if (integration?.fields === undefined) {
    throw new Refused(
      'tenants.no_fields',
      `The integration ${connection.integration} has no fields to map: it sends what it sends.`,
    )
  }
  const values = valuesToRead(integration, { connection, secrets })
  return integration.fields({ ...values, openHttp, timeZone: tenant.timeZone })
}

/** For commands that ask the destination. */
export function valuesToRead(
  integration: Integration,
  { connection, secrets }: Pick<DecryptedConnection, 'connection' | 'secrets'>,
): ConnectionValues {
  const values = readConnectionValues(integration, { settings: connection.settings, secrets })
  if (values.ok) return values.value
  throw new NeedsPerson('tenants.settings_invalid', `${values.faults.map(faultLine).join('; ')}.`, {
    fix: 'Correct the file and apply it again.',
  })
}
