/** What HiBob says of a company's fields and lists. */
import {
  type Choice,
  type Http,
  NeedsPerson,
  PermissionMissing,
  UnrecognisedAnswer,
} from '../../sdk/index.ts'
import { read } from './read-answer.ts'
import * as wire from './wire.ts'

/**
 * Undefined when HiBob does not show the list, or not to this service user. A web page instead of it is no such answer.
 * https://apidocs.hibob.com/reference/get_company-named-lists-listname
 */
export async function listItems(http: Http, name: string): Promise<readonly wire.ListItem[] | undefined> {
  try {
    const { status, json } = await http.send({
      method: 'GET',
      path: `/company/named-lists/${encodeURIComponent(name)}`,
      bucket: 'lists',
      operation: 'lists.get',
      list: true,
      optional: true,
      answers: [404],
    })
    const items = status === 404 ? undefined : wire.namedList.safeParse(json).data
    return isHidden(name, items) ? undefined : items
  } catch (error) {
    // Of a list that is not there HiBob says nothing but 404.
    const notThere = error instanceof UnrecognisedAnswer && error.status === 404
    if (notThere || error instanceof PermissionMissing) return undefined
    throw error
  }
}

/** https://apidocs.hibob.com/reference/get_company-people-fields */
export async function listFields(http: Http): Promise<readonly wire.FieldMetadata[]> {
  const path = '/company/people/fields'
  return read(
    await http.send({ method: 'GET', path, bucket: 'fields', list: true, optional: true }),
    wire.fields,
  )
}

/**
 * All lists at once. Undefined: not shown to this service user, not in this account, or too many.
 * https://apidocs.hibob.com/reference/get_company-named-lists
 */
export async function listTrees(
  http: Http,
): Promise<Readonly<Record<string, readonly Choice[]>> | undefined> {
  const path = '/company/named-lists'
  try {
    const { json } = await http.send({ method: 'GET', path, bucket: 'lists', list: true, optional: true })
    const all = Object.entries(wire.listTrees.safeParse(json).data ?? {})
    return all.length === 0 ? undefined : Object.fromEntries(all.filter((one) => !isHidden(...one)))
  } catch (error) {
    if (error instanceof NeedsPerson && !error.pausesConnection) return undefined
    throw error
  }
}

/** Every HiBob has a site, and what it does not show may come as nothing at all. */
function isHidden(name: string, items: readonly unknown[] | undefined): boolean {
  return name === 'site' && items?.length === 0
}
