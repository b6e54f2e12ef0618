/** Custom attributes and users as they come along with an application, a job, an offer or a candidate. */
import type { Json } from '../../src/base/json.ts'
import { notIncluded, type Resource, timestamp } from './answers.ts'
import type { UserSeed } from './seed.ts'

type Attributes = Readonly<Record<string, Json>>

/** `prefix` makes the ids of one owner differ from those of another. */
export function referencesTo(prefix: string, attributes: Attributes): Json {
  return Object.keys(attributes).map((_, at) => ({ type: 'custom_attributes', id: `${prefix}${at}` }))
}

export function attributesIn(prefix: string, attributes: Attributes, createdAt: Date): readonly Resource[] {
  const at = timestamp(createdAt)
  return Object.entries(attributes).map(([name, value], index) => ({
    id: `${prefix}${index}`,
    type: 'custom_attributes',
    attributes: { value, field_name: name, created_at: at, updated_at: at },
    relationships: { custom_fields: notIncluded, custom_attributable: notIncluded },
  }))
}

export function userResource(of: string, { firstName, lastName, email }: UserSeed): Resource {
  const attributes = { first_name: firstName, last_name: lastName, email, time_zone: 'London' }
  return { id: `${of}77`, type: 'users', attributes, relationships: {} }
}
