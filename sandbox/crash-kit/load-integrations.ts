/** The integrations that a module exports, here and in processes that are started to be killed. */
import type { Integration } from '../../src/sdk/integration.ts'

export async function loadIntegrations(module: URL): Promise<readonly Integration[]> {
  const loaded: unknown = await import(module.href)
  const integrations: unknown =
    typeof loaded === 'object' && loaded !== null ? Reflect.get(loaded, 'integrations') : undefined
  if (!Array.isArray(integrations) || !integrations.every(isIntegration)) {
    throw new TypeError(
      `${module.pathname} must export \`integrations\`, a list of what defineIntegration gave`,
    )
  }
  return integrations
}

function isIntegration(value: unknown): value is Integration {
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'on' in value && 'settings' in value
  )
}
