/** The mapping of a connection, ready to be applied to a hire. */
import { NeedsPerson } from '../base/failure.ts'
import { checkValues } from '../mapping/check.ts'
import { evaluate } from '../mapping/evaluate.ts'
import type { Hire } from '../mapping/sources.ts'
import type { Integration } from '../sdk/integration.ts'
import type { Mapped } from '../sdk/mapped.ts'
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
  const { mapping, defaults, targets } = read
  return (hire, timeZone) => {
    const { values, gaps } = checkValues(evaluate(mapping, hire, { timeZone, defaults }), targets)
    return { version: stored.version, values: new Map(values.map((one) => [one.target, one])), gaps }
  }
}

/** It was applied by another version. */
function unreadable(): NeedsPerson {
  return new NeedsPerson('runs.mapping_invalid', 'The connection’s mapping is not valid in this version.', {
    fix: 'Apply the file again, which says what is wrong; the run then resumes automatically.',
    resumesOn: 'connection',
  })
}
