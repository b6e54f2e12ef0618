/** A connection as commands show it, with its settings. Secrets are not even read. */
import { durationText } from '../base/duration.ts'
import type { JsonObject } from '../base/json.ts'
import type { Connection } from '../tenants/connection.ts'
import { attributeOf } from '../tenants/connection-options.ts'

export function connectionData({
  id,
  tenant,
  integration,
  enabled,
  delay,
  comment,
  writeBack,
  commentWhenParked,
  settings,
  paused,
  createdAt,
  updatedAt,
}: Connection) {
  const attribute = attributeOf(writeBack)
  return {
    id,
    tenant: tenant.slug,
    integration,
    enabled,
    delay: delay === 0 ? null : durationText(delay),
    comment: comment ?? null,
    // As the file has it.
    writeBack: attribute === undefined ? (writeBack ?? null) : { customAttribute: attribute },
    commentWhenParked,
    settings: withoutQueries(settings),
    paused: paused === undefined ? null : { ...paused, at: paused.at.toISOString() },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

/** The query of a URL often contains a token. */
function withoutQueries(settings: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      typeof value === 'string' && /^https?:/i.test(value) ? value.replace(/\?.*$/s, '?…') : value,
    ]),
  )
}

/** `held`: why its runs wait although it is enabled. */
export function stateOf({ enabled, delay, paused }: Connection, held?: string): string {
  if (!enabled) return 'disabled'
  const working = delay === 0 ? 'enabled' : `enabled, acts ${durationText(delay)} after the hire`
  return paused === undefined ? (held ?? working) : `paused: ${paused.reason} ${paused.fix}`
}
