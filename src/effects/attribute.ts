/**
 * The id of a record, written into a custom attribute of the application: the same value as the external reference, with the same
 * rules. docs/decisions/0073-written-into-an-attribute.md
 */
import { NeedsPerson } from '../base/failure.ts'
import type { ConnectionId } from '../base/ids.ts'
import { quoted } from '../base/plain-text.ts'
import type { CustomField } from '../pinpoint/custom-fields.ts'
import type { Effect, Existing } from '../sdk/ensure.ts'
import { type PlaceInPinpoint, type Reference, referenceValue, writtenBack } from './reference.ts'

export interface AttributePort {
  attribute(applicationId: string, name: string): Promise<Reference>
  giveAttribute(applicationId: string, field: CustomField, value: string): Promise<void>
}

export const attributeTitle = 'Attribute in Pinpoint'

export function attributeEffect(
  pinpoint: AttributePort,
  {
    id,
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
  const place: PlaceInPinpoint = {
    ...{ title: attributeTitle, key: `${id} ${field.id}`, came },
    read: () => pinpoint.attribute(id, field.name),
    write: (value) => pinpoint.giveAttribute(id, field, value),
    hidden: () => hidden(id),
    taken: () => taken(id, field.name),
  }
  return writtenBack(place, referenceValue(connection, record.id))
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
