/** HiBob's dated tables: the rows of one employee. */
import {
  alreadyExists,
  type Http,
  type HttpAnswer,
  type JsonObject,
  NeedsPerson,
  RetryLater,
} from '../../sdk/index.ts'
import { read } from './read-answer.ts'
import type { Table } from './tables.ts'
import * as wire from './wire.ts'

/**
 * All of them, those of the future, too.
 * https://apidocs.hibob.com/reference/get_people-id-salaries, …-employment and …-work
 */
export async function listRows(http: Http, employeeId: string, table: Table): Promise<readonly wire.Row[]> {
  const { path, category } = table
  const answer = await http.send({
    method: 'GET',
    path: pathOf(employeeId, table),
    bucket: path,
    operation: `${path}.list`,
    right: `People’s data: view of ${category}, with its history`,
    optional: true,
    list: true,
    answers: [404],
  })
  if (answer.status === 404) throw tableNotFound(employeeId, table)
  return read(answer, wire.tableRows).values
}

export interface NewRow {
  readonly table: Table
  readonly json: JsonObject
}

/** What a row can be refused for; a retry of the same one would not change it. */
const refusals = [400, 409, 422]

/**
 * HiBob takes one row for each date. What it answers is not described.
 * https://apidocs.hibob.com/reference/post_people-id-salaries, …-employment and …-work
 */
export async function addRow(
  http: Http,
  employeeId: string,
  { table, json }: NewRow,
): Promise<string | typeof alreadyExists> {
  const { path, category } = table
  const answer = await http.send({
    method: 'POST',
    path: pathOf(employeeId, table),
    json,
    bucket: path,
    operation: `${path}.add`,
    right: `People’s data: edit of ${category}`,
    optional: true,
    effect: true,
    answers: [404, ...refusals],
  })
  if (answer.status === 404) throw tableNotFound(employeeId, table)
  if (!refusals.includes(answer.status)) return wire.addedRow.safeParse(answer.json).data ?? 'added'
  if (isDuplicate(answer)) return alreadyExists
  throw rowRefused(answer, table)
}

function pathOf(employeeId: string, { path }: Table): string {
  return `/people/${encodeURIComponent(employeeId)}/${path}`
}

/** Of somebody who was made a moment ago it may not be there yet. */
function tableNotFound(employeeId: string, { name }: Table): RetryLater {
  return new RetryLater(
    'hibob.table_not_found',
    `HiBob shows no ${name} table of employee ${employeeId} (404).`,
    { details: { employee: employeeId } },
  )
}

function isDuplicate({ status, json }: HttpAnswer): boolean {
  const { key, error, errorMessage } = wire.refusedRow.safeParse(json).data ?? {}
  const says = (text: string | null | undefined) => /duplicate|already.?exists/i.test(text ?? '')
  return status === 409 || [key, error, errorMessage].some(says)
}

function rowRefused({ status, refusal }: HttpAnswer, { name }: Table): NeedsPerson {
  const objections = refusal?.objections ?? []
  const said = objections.map(({ field, code }) => field ?? code).filter((one) => one !== undefined)
  const because = said.length === 0 ? 'no reason given' : said.join(', ')
  return new NeedsPerson('hibob.row_refused', `HiBob refused the ${name} row (${status}): ${because}.`, {
    details: { status, objections: objections.map((one) => ({ ...one })) },
    fix: 'Enter it in HiBob, and correct the mapping for the next hires.',
  })
}
