/**
 * The id of a record, written into Pinpoint as the application's external reference: once, with our prefix and the connection's
 * id, and never over something else. What stands there with both is evidence of a record. docs/decisions/0071-written-into-pinpoint.md
 */
import { NeedsPerson } from '../base/failure.ts'
import type { ConnectionId } from '../base/ids.ts'
import type { Effect, Existing } from '../sdk/ensure.ts'

/** Null: there is none. Undefined: it is not shown, or not read. */
export type Reference = string | null | undefined

export interface ReferencePort {
  reference(applicationId: string): Promise<Reference>
  refer(applicationId: string, reference: string): Promise<void>
}

export const referenceTitle = 'Reference in Pinpoint'

const prefix = 'pinpoint-webhooks'

/** The record that this connection has written there. */
export function recordReferredTo(reference: Reference, connection: ConnectionId): string | undefined {
  const own = `${prefix}:${connection}:`
  const id = reference?.startsWith(own) === true ? reference.slice(own.length) : ''
  return /^\S{1,200}$/.test(id) ? id : undefined
}

export function referenceValue(connection: ConnectionId, record: string): string {
  return `${prefix}:${connection}:${record}`
}

/** The record that this connection has written into any of the application's custom attributes. */
export function recordInAttributes(
  attributes: Readonly<Record<string, string>>,
  connection: ConnectionId,
): string | undefined {
  return Object.values(attributes)
    .map((value) => recordReferredTo(value, connection))
    .find((id) => id !== undefined)
}

/** `came`: as this attempt has read it with the application. */
export function referenceEffect(
  pinpoint: ReferencePort,
  {
    id: applicationId,
    connection,
    came,
  }: { readonly id: string; readonly connection: ConnectionId; readonly came: Reference },
  record: Pick<Existing, 'id'>,
): Effect {
  const value = referenceValue(connection, record.id)
  const made = { id: value }
  return {
    title: referenceTitle,
    kind: 'reference',
    key: applicationId,
    readLagSeconds: 5,
    find: async () => {
      const stands = await pinpoint.reference(applicationId)
      if (stands === null) return undefined
      if (stands === value) return made
      throw stands === undefined ? hidden(applicationId) : taken(applicationId)
    },
    // Anything else is read once more before it is complained of.
    firstFind: came === null ? { found: undefined } : came === value ? { found: made } : undefined,
    make: async () => {
      await pinpoint.refer(applicationId, value)
      return made
    },
  }
}

/** Not quoted: whoever has written it may have written anything. */
function taken(applicationId: string): NeedsPerson {
  return new NeedsPerson(
    'pinpoint.reference_taken',
    `Application ${applicationId} has another external reference, which was left as it is.`,
    { fix: 'Remove it in Pinpoint and replay the event, or switch writeBack off.' },
  )
}

function hidden(applicationId: string): NeedsPerson {
  return new NeedsPerson(
    'pinpoint.reference_hidden',
    `Pinpoint does not show whether application ${applicationId} has an external reference, so none was written.`,
    {
      fix: 'Ask Pinpoint whether external references are available to this company, or switch writeBack off.',
    },
  )
}
