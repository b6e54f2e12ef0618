/** The fields that a customer has added, and the values that they are given. */
import { z } from 'zod'

import { parseJson } from '../../src/base/json.ts'
import { pathPart, type SandboxContext } from '../gate.ts'
import { document, refusal, timestamp } from './answers.ts'
import type { PinpointApi } from './applications.ts'
import { paged } from './query.ts'
import type { ApplicationChanges, Tenant } from './seed.ts'

/** https://developers.pinpointhq.com/reference/get-custom-fields */
export function listCustomFields(api: PinpointApi, c: SandboxContext): Response {
  const tenant = api.store.tenant(pathPart(c, 'subdomain'))
  const fields = fieldsOf(tenant)
  const { items, meta } = paged(c, fields, tenant)
  const data = items.map(({ id, name, resourceType, type }) => ({
    id,
    type: 'custom_fields',
    attributes: { name, resource_type: resourceType, field_type: type, required: false },
    relationships: {},
  }))
  return document({ data, meta })
}

function fieldsOf(tenant: Tenant | undefined) {
  const createdAt = new Date(0)
  return (tenant?.customFields ?? []).map((field, at) => ({ ...field, id: String(1000 + at), createdAt }))
}

const reference = <Type extends string>(type: Type) =>
  z.strictObject({ data: z.strictObject({ type: z.literal(type), id: z.string() }) })
const created = z.strictObject({
  data: z.strictObject({
    type: z.literal('custom_attributes'),
    attributes: z.record(z.string(), z.json()),
    relationships: z.strictObject({
      custom_field: reference('custom_fields'),
      custom_attributable: reference('applications'),
    }),
  }),
})

/** Exactly the key of the field's type, and none where a value is. https://developers.pinpointhq.com/reference/post-custom-attributes */
export async function createCustomAttribute(api: PinpointApi, c: SandboxContext): Promise<Response> {
  const subdomain = pathPart(c, 'subdomain')
  const tenant = api.store.tenant(subdomain)
  if (tenant?.attributes === 'read') throw refusal(403, 'Forbidden')
  const isJsonApi = c.req.header('content-type')?.startsWith('application/vnd.api+json') === true
  const { data } = created.safeParse(parseJson(await c.req.text())).data ?? {}
  if (!isJsonApi || data === undefined) throw refusal(400, 'Malformed request body')
  const { custom_field, custom_attributable } = data.relationships
  const field = fieldsOf(tenant).find(({ id }) => id === custom_field.data.id)
  const application = api.store.application(custom_attributable.data.id, subdomain)
  const value = data.attributes[`${field?.type ?? ''}_value`]
  const isWhole = Object.keys(data.attributes).length === 1 && value !== undefined
  const isFree = field !== undefined && application?.customAttributes[field.name] === undefined
  if (application === undefined || !isWhole || !isFree || field.resourceType.toLowerCase() !== 'application')
    throw refusal(422, 'Validation Error')
  const before = application.customAttributes as ApplicationChanges['customAttributes']
  const customAttributes = { ...before, [field.name]: value }
  if (tenant?.attributes !== 'unkept')
    api.store.changeApplication(application.id, { customAttributes }, subdomain)
  const at = timestamp(api.clock.now())
  const attributes = {
    value: tenant?.attributes === 'unkept' ? null : value,
    ...{ field_name: field.name, created_at: at, updated_at: at },
  }
  const id = `${application.id}${field.id}`
  return document({ data: { id, type: 'custom_attributes', attributes, relationships: {} }, meta: {} }, 201)
}
