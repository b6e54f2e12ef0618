/** The mapping of a connection, ready to be applied to a hire. */
import { NeedsPerson } from '../base/failure.ts'
import { applyMapping } from '../mapping/against.ts'
import type { CheckedValues } from '../mapping/check.ts'
import type { Hire } from '../mapping/sources.ts'
import type { Integration } from '../sdk/integration.ts'
import type { Mapped, MappedHire } from '../sdk/mapped.ts'
import type { StoredMapping } from '../tenants/connection.ts'
import { readConnectionMapping } from '../tenants/connection-values.ts'

export type ApplyMapping = (hire: Hire, timeZone: string | undefined) => Mapped

/** Undefined: the connection has none. */
export function openMapping(
  integration: Integration,
  stored: StoredMapping | undefined,
  settings: Record<string, unknown>,
): ApplyMapping | undefined {
  const read = readConnectionMapping(integration, stored, settings)
  if (stored === undefined || read === undefined) return undefined
  if (read === 'unreadable') throw unreadable()
  return (hire, timeZone) => {
    const applied = applyMapping(read, hire, timeZone)
    return {
      version: stored.version,
      ...byTarget(applied),
      against: (fields) => byTarget(applied.against(fields)),
    }
  }
}

export function byTarget({ values, gaps }: CheckedValues): MappedHire {
  return { values: new Map(values.map((one) => [one.target, one])), gaps }
}

/** It was applied by another version. */
function unreadable(): NeedsPerson {
  return new NeedsPerson('runs.mapping_invalid', 'The connection’s mapping is not valid in this version.', {
    fix: 'Apply the file again, which says what is wrong; the run then resumes automatically.',
    resumesOn: 'connection',
  })
}
