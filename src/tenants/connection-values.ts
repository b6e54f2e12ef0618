/** The settings and secrets of a connection, read with the schemas of its integration: the only way from stored to used values. */
import { checkAgainst, type Checked } from '../base/fault.ts'
import type { Integration } from '../sdk/integration.ts'

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
