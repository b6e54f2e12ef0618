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

/** A field of an application that holds the id of a record. */
export interface PlaceInPinpoint {
  readonly title: string
  /** Of the ledger. */
  readonly key: string
  /** Its value as this attempt read it with the application. */
  readonly came: Reference
  read(): Promise<Reference>
  write(value: string): Promise<void>
  /** Pinpoint does not show it. */
  hidden(): NeedsPerson
  /** It has another value. */
  taken(): NeedsPerson
}

export function writtenBack({ title, key, came, ...place }: PlaceInPinpoint, value: string): Effect {
  const made = { id: value }
  return {
    ...{ title, key },
    kind: 'reference',
    readLagSeconds: 5,
    find: async () => {
      const stands = await place.read()
      if (stands === null) return undefined
      if (stands === value) return made
      throw stands === undefined ? place.hidden() : place.taken()
    },
    // Any other value is read once more before it is reported.
    firstFind: came === null ? { found: undefined } : came === value ? { found: made } : undefined,
    make: async () => {
      await place.write(value)
      return made
    },
  }
}

export function referenceEffect(
  pinpoint: ReferencePort,
  {
    id,
    connection,
    came,
  }: { readonly id: string; readonly connection: ConnectionId; readonly came: Reference },
  record: Pick<Existing, 'id'>,
): Effect {
  const place: PlaceInPinpoint = {
    ...{ title: referenceTitle, key: id, came },
    read: () => pinpoint.reference(id),
    write: (value) => pinpoint.refer(id, value),
    hidden: () => hidden(id),
    taken: () => taken(id),
  }
  return writtenBack(place, referenceValue(connection, record.id))
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
