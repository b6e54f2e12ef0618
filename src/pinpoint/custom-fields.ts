/** A customer's custom fields in Pinpoint: lists them, and gives one of an application its first value. */
import { NeedsPerson, RetryLater } from '../base/failure.ts'
import type { Http } from '../base/http.ts'
import { quoted } from '../base/plain-text.ts'
import { isLast, pageQuery } from './pages.ts'
import { readAnswer } from './read-answer.ts'
import { customAttribute, customFieldAttributes, manyResources, oneResource } from './wire.ts'

export interface CustomField {
  readonly id: string
  readonly name: string
  /** Such as `varchar`, `text` or `single_select`. */
  readonly type: string | undefined
  /** Its owner: `application`, `job`, `offer` or `candidate`. */
  readonly of: string | undefined
}

const pageSize = 100
const mostPages = 20

/**
 * Undefined if this key may not read them.
 * https://developers.pinpointhq.com/reference/get-custom-fields
 */
export async function listCustomFields(http: Http): Promise<readonly CustomField[] | undefined> {
  const found = new Map<string, CustomField>()
  for (let page = 1; page <= mostPages; page++) {
    const answer = await http.send({
      method: 'GET',
      path: '/custom_fields',
      query: { sort: 'id', ...pageQuery(page, pageSize) },
      bucket: 'api',
      list: true,
      answers: [403, 404],
    })
    if (answer.status !== 200) return undefined
    const listed = readAnswer(answer, (json) => manyResources.parse(json))
    const before = found.size
    for (const { id, attributes } of listed.data) {
      const { name, resource_type, field_type } = customFieldAttributes.parse(attributes)
      if (name !== undefined) found.set(id, { id, name, of: ownerOf(resource_type), type: field_type })
    }
    // A page without new fields: the server ignores the page number.
    if (found.size === before || isLast(listed, found.size)) break
  }
  return [...found.values()]
}

/** Pinpoint writes owners in several ways: `job`, `Job`, `jobs`; and a candidate also as job seeker. */
function ownerOf(type: string | undefined): string | undefined {
  const owner = type
    ?.toLowerCase()
    .replaceAll(/[^a-z]/g, '')
    .replace(/s$/, '')
  return owner === 'jobseeker' ? 'candidate' : owner
}

/** Types that hold any text, and the key of a value of theirs. */
const textFields: Readonly<Record<string, string>> = { varchar: 'varchar_value', text: 'text_value' }

/** The one custom field of applications with this name that takes any text. Undefined: the key may not read them. */
export function fieldToWrite(fields: readonly CustomField[] | undefined, name: string): CustomField {
  const called = (fields ?? []).filter((field) => field.name === name && field.of === 'application')
  const [field, ...others] = called
  if (field !== undefined && others.length === 0 && Object.hasOwn(textFields, field.type ?? '')) return field
  const what =
    fields === undefined
      ? 'The API key may not read custom fields.'
      : field === undefined
        ? `Pinpoint has no custom field of applications called ${quoted(name)}.`
        : others.length > 0
          ? `Pinpoint has several custom fields of applications called ${quoted(name)}.`
          : `The custom field ${quoted(name)} of applications does not take any text.`
  throw new NeedsPerson('pinpoint.attribute_unfit', what, {
    fix:
      fields === undefined
        ? 'Give the key the permission Custom Fields: Read in Pinpoint, or switch writeBack off.'
        : 'Name a custom field of applications for a short or a long text in writeBack, or switch it off.',
  })
}

/** The field has no value on this application yet. https://developers.pinpointhq.com/reference/post-custom-attributes */
export async function createCustomAttribute(
  http: Http,
  { applicationId, field }: { readonly applicationId: string; readonly field: CustomField },
  value: string,
): Promise<void> {
  const key = textFields[field.type ?? ''] ?? 'varchar_value'
  const answer = await http.send({
    method: 'POST',
    path: '/custom_attributes',
    headers: { 'Content-Type': 'application/vnd.api+json' },
    json: {
      data: {
        type: 'custom_attributes',
        attributes: { [key]: value },
        relationships: {
          custom_field: { data: { type: 'custom_fields', id: field.id } },
          custom_attributable: { data: { type: 'applications', id: applicationId } },
        },
      },
    },
    bucket: 'api',
    operation: 'custom_attributes.create',
    right: 'Custom Attributes: Write',
    optional: true,
    effect: true,
  })
  const created = oneResource.safeParse(answer.json)
  if (!created.success) {
    throw new RetryLater(
      'pinpoint.answer_unreadable',
      'Pinpoint’s answer does not say what it has written.',
      { outcome: 'unclear' },
    )
  }
  if (customAttribute.parse(created.data.data.attributes).value === value) return
  throw new NeedsPerson(
    'pinpoint.attribute_not_kept',
    `Pinpoint did not keep the custom attribute of application ${applicationId}.`,
    { fix: 'See whether the field still takes any text, or switch writeBack off.' },
  )
}
