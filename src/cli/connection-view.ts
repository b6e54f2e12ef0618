/** A connection as commands show it. Settings are shown; secrets are not even read. */
import type { Connection } from '../tenants/connection.ts'

export function connectionData({
  id,
  tenant,
  integration,
  enabled,
  settings,
  paused,
  createdAt,
  updatedAt,
}: Connection) {
  return {
    id,
    tenant: tenant.slug,
    integration,
    enabled,
    settings,
    paused: paused === undefined ? null : { ...paused, at: paused.at.toISOString() },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

/** `held`: what holds up its runs although it is enabled. */
export function stateOf({ enabled, paused }: Connection, held?: string): string {
  if (!enabled) return 'disabled'
  return paused === undefined ? (held ?? 'enabled') : `paused: ${paused.reason} ${paused.fix}`
}
