/** Lists a customer's custom fields in Pinpoint. */
import type { Http } from '../base/http.ts'
import { isLast, pageQuery } from './pages.ts'
import { readAnswer } from './read-answer.ts'
import { customFieldAttributes, manyResources } from './wire.ts'

export interface CustomField {
  readonly name: string
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
      const { name, resource_type } = customFieldAttributes.parse(attributes)
      if (name !== undefined) found.set(id, { name, of: ownerOf(resource_type) })
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
