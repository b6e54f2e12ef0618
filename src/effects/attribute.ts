/**
 * The id of a record, written into a custom attribute of the application: the same value as the external reference, with the same
 * rules. docs/decisions/0073-written-into-an-attribute.md
 */
import { NeedsPerson } from '../base/failure.ts'
import type { ConnectionId } from '../base/ids.ts'
import { quoted } from '../base/plain-text.ts'
import type { CustomField } from '../pinpoint/custom-fields.ts'
import type { Effect, Existing } from '../sdk/ensure.ts'
import { type Reference, referenceValue } from './reference.ts'

export interface AttributePort {
  attribute(applicationId: string, name: string): Promise<Reference>
  giveAttribute(applicationId: string, field: CustomField, value: string): Promise<void>
}

export const attributeTitle = 'Attribute in Pinpoint'

/** `came`: its value as this attempt read it with the application. */
export function attributeEffect(
  pinpoint: AttributePort,
  {
    id: applicationId,
    connection,
    field,
    came,
  }: {
    readonly id: string
    readonly connection: ConnectionId
    readonly field: CustomField
    readonly came: Reference
  },
  record: Pick<Existing, 'id'>,
): Effect {
  const value = referenceValue(connection, record.id)
  const made = { id: value }
  return {
    title: attributeTitle,
    kind: 'reference',
    key: `${applicationId} ${field.id}`,
    readLagSeconds: 5,
    find: async () => {
      const stands = await pinpoint.attribute(applicationId, field.name)
      if (stands === null) return undefined
      if (stands === value) return made
      throw stands === undefined ? hidden(applicationId) : taken(applicationId, field.name)
    },
    // Any other value is read once more before it is reported.
    firstFind: came === null ? { found: undefined } : came === value ? { found: made } : undefined,
    make: async () => {
      await pinpoint.giveAttribute(applicationId, field, value)
      return made
    },
  }
}

/** Not quoted, because whoever wrote it could have written anything. */
function taken(applicationId: string, name: string): NeedsPerson {
  return new NeedsPerson(
    'pinpoint.attribute_taken',
    `Application ${applicationId} has another value of ${quoted(name)}, which was left as it is.`,
    { fix: 'Remove it in Pinpoint and replay the event, or switch writeBack off.' },
  )
}

function hidden(applicationId: string): NeedsPerson {
  return new NeedsPerson(
    'pinpoint.attribute_hidden',
    `Pinpoint does not show the custom attributes of application ${applicationId}, so none was written.`,
    { fix: 'Give the key the permission Custom Attributes: Read in Pinpoint, or switch writeBack off.' },
  )
}
