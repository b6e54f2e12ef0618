/** The fields that a customer has added. */
import { pathPart, type SandboxContext } from '../gate.ts'
import { document } from './answers.ts'
import type { PinpointApi } from './applications.ts'
import { paged } from './query.ts'

/** https://developers.pinpointhq.com/reference/get-custom-fields */
export function listCustomFields(api: PinpointApi, c: SandboxContext): Response {
  const tenant = api.store.tenant(pathPart(c, 'subdomain'))
  const createdAt = new Date(0)
  const fields = (tenant?.customFields ?? []).map((field, at) => ({
    ...field,
    id: String(1000 + at),
    createdAt,
  }))
  const { items, meta } = paged(c, fields, tenant)
  const data = items.map(({ id, name, resourceType }) => ({
    id,
    type: 'custom_fields',
    attributes: { name, resource_type: resourceType, field_type: 'varchar', required: false },
    relationships: {},
  }))
  return document({ data, meta })
}
