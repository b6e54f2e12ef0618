/** HiBob's API as far as a hire needs it: one function per endpoint. */
import {
  alreadyExists,
  type Http,
  type HttpAnswer,
  type Made,
  type OpenHttp,
  RetryLater,
} from '../../sdk/index.ts'
import { answerOfAnother, isSomebodyElse, notOfHibob } from './answer-of-create.ts'
import { createRefused, isTakenEmail } from './create-refused.ts'
import { employeeJson } from './employee-json.ts'
import { listFields, listItems, listTrees } from './metadata.ts'
import type { EmployeeBody } from './new-hire.ts'
import { read, readMade } from './read-answer.ts'
import { readHibobRefusal } from './refusals.ts'
import { customFolder, folderForCvs, type Secrets, type Settings } from './settings.ts'
import { addRow, listRows, type NewRow } from './table-client.ts'
import type { Table } from './tables.ts'
import * as wire from './wire.ts'

export interface CvFile {
  readonly name: string
  readonly type: string
  readonly bytes: Uint8Array
}
export interface MadeEmployee extends Made {
  /** The whole employee, as far as the service user may see it. */
  readonly shown: unknown
}
/** HiBob refuses the document itself; the number is the status. */
export interface NotTaken {
  readonly refused: number
}
export type Bob = ReturnType<typeof openBob>

export function openBob(openHttp: OpenHttp, settings: Settings, secrets: Secrets) {
  const credentials = Buffer.from(`${secrets.serviceUserId}:${secrets.serviceUserToken}`).toString('base64')
  const http = openHttp({
    baseUrl: settings.apiUrl,
    headers: { authorization: `Basic ${credentials}` },
    destination: 'hibob',
    refusals: readHibobRefusal,
    namesVendor: true,
  })
  const folder = folderForCvs(settings)
  const custom = customFolder(settings)
  return {
    /** Searches for both addresses in one call: a filter takes any number of values. */
    peopleWithEmail: (email: string, login?: string) => peopleWithEmail(http, email, login),
    employee: (id: string) => employeeById(http, id),
    anybody: () => anyEmployeeId(http),
    createEmployee: (hire: EmployeeBody) => createEmployee(http, hire),
    /** The employee with the given fields, as HiBob shows them. Undefined: HiBob does not show the employee. */
    heldOf: (id: string, fields: readonly string[]) => heldOf(http, id, fields),
    namedList: async (name: string) => (await listItems(http, name))?.map((item) => item.name),
    listItems: (name: string) => listItems(http, name),
    fields: () => listFields(http),
    listTrees: () => listTrees(http),
    documents: (employeeId: string) => listDocuments(http, employeeId),
    folderIds: () => listFolders(http),
    rows: (employeeId: string, table: Table) => listRows(http, employeeId, table),
    addRow: (employeeId: string, row: NewRow) => addRow(http, employeeId, row),
    uploadFile: (employeeId: string, file: CvFile) =>
      upload(http, {
        path: docsPath(employeeId, `${custom === undefined ? folder : `folders/${custom}`}/upload`),
        file: { field: 'file', ...file },
      }),
    uploadByUrl: (employeeId: string, file: { readonly name: string; readonly url: string }) =>
      upload(http, {
        path: docsPath(employeeId, custom === undefined ? folder : `custom/${custom}`),
        json: { documentName: file.name, documentUrl: file.url },
      }),
  }
}

/**
 * Includes leavers, if the service user may see them. Whether HiBob ignores case is not documented, so the search has
 * both spellings. https://apidocs.hibob.com/reference/post_people-search
 */
async function peopleWithEmail(
  http: Http,
  email: string,
  login: string | undefined,
): Promise<readonly wire.Employee[]> {
  const addresses = login === undefined ? [email] : [email, login]
  const values = [...new Set(addresses.flatMap((one) => [one, one.toLowerCase()]))]
  // Shows whether somebody who already has the login from the mapping is the hire.
  const fields = login === undefined ? fieldsRead : [...fieldsRead, 'home.privateEmail']
  const employees = await search(http, fields, { fieldPath: 'root.email', values })
  // An employee who matches both spellings may be listed twice.
  return [...new Map(employees.map((employee) => [employee.id, employee])).values()]
}

const fieldsRead = [
  'root.id',
  'root.email',
  'root.firstName',
  'root.surname',
  'root.displayName',
  'internal.status',
  'internal.lifecycleStatus',
]

/** Undefined: the service user does not see the employee. Other employees are ignored, in case HiBob ignores the filter. */
async function employeeById(http: Http, id: string): Promise<wire.Employee | undefined> {
  const shown = await search(http, [...fieldsRead, 'work.startDate'], { fieldPath: 'root.id', values: [id] })
  return shown.find((employee) => employee.id === id)
}

/** A search has no limit, so this lists all employees, with their ids only. */
async function anyEmployeeId(http: Http): Promise<string | undefined> {
  return (await search(http, ['root.id'], undefined))[0]?.id
}

async function heldOf(http: Http, id: string, fields: readonly string[]): Promise<unknown> {
  const answer = await sendSearch(http, ['root.id', ...fields], { fieldPath: 'root.id', values: [id] })
  const { employees } = read(answer, wire.shownEmployees)
  return employees.find((one) => wire.employeeId.safeParse(one).data?.id === id)
}

interface Filter {
  readonly fieldPath: string
  readonly values: readonly string[]
}

async function search(
  http: Http,
  fields: readonly string[],
  filter: Filter | undefined,
): Promise<readonly wire.Employee[]> {
  return read(await sendSearch(http, fields, filter), wire.searchAnswer).employees
}

function sendSearch(http: Http, fields: readonly string[], filter: Filter | undefined): Promise<HttpAnswer> {
  // HiBob refuses an empty list of filters, so the key is omitted.
  const filters = filter === undefined ? {} : { filters: [{ ...filter, operator: 'equals' }] }
  return http.send({
    method: 'POST',
    path: '/people/search',
    json: { fields, ...filters, showInactive: true },
    bucket: 'search',
    operation: 'people.search',
    right: 'search people (People’s data: view of Basic info, Lifecycle and Work)',
    read: true,
    list: true,
  })
}

/** HiBob takes no idempotency key, but an e-mail is unique in the company. https://apidocs.hibob.com/reference/post_people */
async function createEmployee(http: Http, hire: EmployeeBody): Promise<MadeEmployee | typeof alreadyExists> {
  const answer = await http.send({
    method: 'POST',
    path: '/people',
    json: employeeJson(hire),
    bucket: 'create',
    operation: 'people.create',
    right: 'People’s data: add new people to the company',
    effect: true,
    answers: [400, 409, 422],
  })
  const { status, json: shown } = answer
  if (status < 400) {
    const { id } = readMade(answer, wire.createdEmployee)
    if (isSomebodyElse(shown, hire)) throw answerOfAnother()
    return { id, shown }
  }
  if (answer.refusal === undefined) throw notOfHibob(answer)
  if (isTakenEmail(answer)) return alreadyExists
  throw createRefused(answer, hire)
}

/** https://apidocs.hibob.com/reference/get_docs-people-id */
async function listDocuments(http: Http, employeeId: string) {
  const answer = await http.send({
    method: 'GET',
    path: docsPath(employeeId),
    bucket: 'docs',
    operation: 'docs.list',
    right: 'Docs: view, in the folder that is used',
    optional: true,
    list: true,
    answers: [404],
  })
  if (answer.status !== 404) return read(answer, wire.documentList)
  throw documentsNotFound(employeeId)
}

/** HiBob may not have the documents of an employee yet who was made a moment ago. */
export function documentsNotFound(employeeId: string): RetryLater {
  return new RetryLater(
    'hibob.documents_not_found',
    `HiBob shows no documents of employee ${employeeId} (404).`,
    { details: { employee: employeeId } },
  )
}

/** https://apidocs.hibob.com/reference/get_docs-folders-metadata */
async function listFolders(http: Http): Promise<readonly string[]> {
  return read(
    await http.send({
      method: 'GET',
      path: '/docs/folders/metadata',
      bucket: 'docs',
      operation: 'folders.list',
      optional: true,
    }),
    wire.folderIds,
  )
}

/** Statuses with which HiBob refuses the document itself, so that a retry changes nothing. */
const refusals = [400, 404, 409, 413, 415, 422]

/**
 * https://apidocs.hibob.com/reference/post_docs-people-id-shared-upload and, by link,
 * https://apidocs.hibob.com/reference/post_docs-people-id-shared
 */
async function upload(
  http: Http,
  request: Pick<Parameters<Http['send']>[0], 'path' | 'json' | 'file'>,
): Promise<Made | NotTaken> {
  const answer = await http.send({
    method: 'POST',
    ...request,
    bucket: 'docs',
    operation: 'docs.upload',
    right: 'Docs: upload, in the folder that is used',
    optional: true,
    effect: true,
    answers: refusals,
  })
  if (refusals.includes(answer.status)) return { refused: answer.status }
  const id = answer.json === undefined ? undefined : readMade(answer, wire.uploadedDocument)
  return { id: id ?? 'uploaded' }
}

function docsPath(employeeId: string, rest?: string): string {
  const path = `/docs/people/${encodeURIComponent(employeeId)}`
  return rest === undefined ? path : `${path}/${rest}`
}
