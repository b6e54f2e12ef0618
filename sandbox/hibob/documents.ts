/** Documents of employees. Only their digest and size are kept; names are not unique, so an upload repeated is a twin. */
import { z } from 'zod'

import { parseJson } from '../../src/base/json.ts'
import { pathPart, type SandboxContext } from '../gate.ts'
import { refusal, timestamp } from './answers.ts'
import type { HibobCall } from './call.ts'
import type { StoredDocument } from './document-store.ts'
import { employeeNamed } from './read-employees.ts'
import type { Company } from './seed.ts'

export const folders = [
  { id: 1047097, name: 'Shared', folderType: 'shared' },
  { id: 1047098, name: 'Confidential', folderType: 'confidential' },
  { id: 1047099, name: 'Recruitment CVs', folderType: 'custom' },
] as const
type Folder = (typeof folders)[number]

const megabyte = 1024 * 1024
const byUrl = z.object({
  documentName: z.string().min(1),
  documentUrl: z.url(),
  tags: z.array(z.string()).default([]),
})

/**
 * HiBob fetches the URL itself, before it answers.
 * https://apidocs.hibob.com/reference/post_docs-people-id-shared
 */
export async function addByUrl(call: HibobCall, c: SandboxContext): Promise<Response> {
  const { store, company } = call
  const employee = employeeNamed(call, pathPart(c, 'id'))
  const folder = folderOf(c)
  const body = byUrl.safeParse(parseJson(await c.req.text()))
  if (!body.success)
    throw refusal(400, 'validations.document.invalid', 'documentName and documentUrl are required')
  const content = await fetched(body.data.documentUrl)
  if (!content)
    throw refusal(400, 'validations.document.url', 'The document could not be fetched from its URL')
  if (content.length > limitOf(company, folder))
    throw refusal(400, 'validations.document.toolarge', 'The document is too large')
  const { documentName: name, tags } = body.data
  const document = store.addDocument(employee, {
    folderId: folder.id,
    name,
    tags,
    mimeType: kindOf(content),
    content,
  })
  return Response.json(documentBody(company, document))
}

/** https://apidocs.hibob.com/reference/post_docs-people-id-shared-upload */
export async function addByUpload(call: HibobCall, c: SandboxContext): Promise<Response> {
  const { store, company } = call
  const employee = employeeNamed(call, pathPart(c, 'id'))
  const folder = folderOf(c)
  const limit = limitOf(company, folder)
  const tooLarge = () => refusal(413, 'validations.document.toolarge', 'The document is too large')
  // Some room for the envelope; a body far beyond the limit is not read at all.
  if (Number(c.req.header('content-length') ?? 0) > limit + 10_000) throw tooLarge()
  const file = await filePart(c)
  if (!file)
    throw refusal(400, 'validations.document.invalid', 'Expected multipart/form-data with a part called file')
  const content = new Uint8Array(await file.arrayBuffer())
  if (content.length > limit) throw tooLarge()
  const document = store.addDocument(employee, {
    folderId: folder.id,
    name: file.name,
    tags: [],
    mimeType: kindOf(content),
    content,
  })
  return Response.json({ id: Number(document.id) })
}

/** https://apidocs.hibob.com/reference/get_docs-people-id */
export function listDocuments(call: HibobCall, c: SandboxContext): Response {
  const { store, company, now } = call
  const employee = employeeNamed(call, pathPart(c, 'id'))
  const listedSince = now.getTime() - company.documentLagMs
  const listed = store.documents(employee.id).filter(({ createdAt }) => createdAt.getTime() <= listedSince)
  const documents = listed.map((document) => {
    const { id, name, tags, folderId } = document
    // The bytes are not kept, so nothing is behind this link.
    const flat = { documentName: name, downloadLink: `https://files.example.com/${id}` }
    return company.documentList === 'flat' ? flat : { doc: { id, name, tags, folderId }, ...flat }
  })
  return Response.json({ documents })
}

/** https://apidocs.hibob.com/reference/get_docs-folders-metadata */
export const listFolders = (): Response => Response.json(folders)

function folderOf(c: SandboxContext): Folder {
  const named = c.req.param('folderId')
  const kind = c.req.path.includes('/confidential') ? 'confidential' : 'shared'
  const folder = folders.find((one) =>
    named === undefined ? one.folderType === kind : String(one.id) === named,
  )
  if (!folder) throw refusal(404, 'folder.notfound', 'Folder not found')
  return folder
}

/** https://apidocs.hibob.com/reference/documents */
function limitOf(company: Company, folder: Folder): number {
  return (folder.folderType === 'custom' ? company.customFolderLimitMb : 5) * megabyte
}

/** Undefined when the address gives no file: what the caller then hears is 400, not an error of the sandbox. */
async function fetched(url: string): Promise<Uint8Array | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
  return response?.ok ? new Uint8Array(await response.arrayBuffer()) : undefined
}

async function filePart(c: SandboxContext): Promise<File | undefined> {
  if (!c.req.header('content-type')?.startsWith('multipart/form-data')) return undefined
  const form = await c.req.formData()
  const part = form.get('file')
  return part instanceof File ? part : undefined
}

/** By the first bytes, as the recorded answer knew a PDF whose name had no extension. */
function kindOf(content: Uint8Array): string {
  const start = Buffer.from(content.subarray(0, 5)).toString('latin1')
  if (start.startsWith('%PDF-')) return 'application/pdf'
  return start.startsWith('PK') ? 'application/zip' : 'application/octet-stream'
}

function documentBody(company: Company, document: StoredDocument) {
  return {
    id: document.id,
    employeeId: document.employeeId,
    uploadedById: company.serviceUserId,
    name: document.name,
    creationDate: timestamp(document.createdAt),
    status: 'Created',
    tags: document.tags,
    folderId: document.folderId,
    mimeType: document.mimeType,
    fileId: 20_600_447,
    documentName: document.name,
    owner: { id: document.employeeId },
    actionRequestDate: null,
    actionCompleteDate: null,
  }
}
