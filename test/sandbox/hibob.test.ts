/** The imitated HiBob answers as the recorded real one did, and refuses what HiBob refuses. */
import { existsSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { Sandbox } from '../../sandbox/index.ts'
import { callBob, openSandbox, somebody } from './open.ts'

const created = z.looseObject({ id: z.string(), work: z.looseObject({ site: z.string() }) })
const found = z.object({ employees: z.array(z.looseObject({ id: z.string() })) })

async function create(sandbox: Sandbox, changes: object = {}) {
  return created.parse(await (await callBob(sandbox, 'POST /people', { ...somebody, ...changes })).json())
}

async function search(sandbox: Sandbox, email: string, more: object = { showInactive: true }) {
  const filters = [{ fieldPath: 'root.email', operator: 'equals', values: [email] }]
  return found.parse(await (await callBob(sandbox, 'POST /people/search', { filters, ...more })).json())
    .employees
}

describe('against the recorded answers', () => {
  const file = new URL('../../../shared/specs/hibob-recorded-responses-2024.json', import.meta.url)
  const present = existsSync(file)
  if (!present)
    process.stderr.write('Skipped: ../shared/specs/hibob-recorded-responses-2024.json is not there.\n')

  const recording = z.object({
    interactions: z.array(
      z.object({
        request: z.object({ uri: z.string(), body: z.record(z.string(), z.unknown()) }),
        response: z.object({
          status: z.object({ code: z.number() }),
          headers: z.record(z.string(), z.unknown()),
          body: z.unknown(),
        }),
      }),
    ),
  })
  const recorded = () => recording.parse(JSON.parse(readFileSync(file, 'utf8'))).interactions

  test.skipIf(!present)('a creation answers every key of the recorded one, in kind', async () => {
    const sandbox = await openSandbox()
    const [creation] = recorded()
    const answer = await callBob(sandbox, 'POST /people', creation!.request.body)
    expect(answer.status).toBe(creation!.response.status.code)
    expect(kinds(await answer.json())).toEqual(kinds(creation!.response.body))
    const limits = Object.keys(creation!.response.headers).filter((name) => /ratelimit/i.test(name))
    expect(limits).toHaveLength(3)
    for (const name of limits) expect(answer.headers.get(name)).toMatch(/^\d+$/)
  })

  test.skipIf(!present)('a document by URL answers every key of the recorded one, in kind', async () => {
    const sandbox = await openSandbox()
    const { id } = await create(sandbox)
    const { documentUrl } = await aCv(sandbox)
    const answer = await callBob(sandbox, `POST /docs/people/${id}/shared`, {
      documentName: 'cv_pdf',
      documentUrl,
    })
    const upload = recorded()[1]!.response
    expect(answer.status).toBe(upload.status.code)
    const body: unknown = await answer.json()
    expect(kinds(body)).toEqual(kinds(upload.body))
    expect(body).toMatchObject({ mimeType: 'application/pdf', status: 'Created', employeeId: id })
  })

  test.skipIf(!present)('a taken e-mail answers the recorded refusal, word for word', async () => {
    const sandbox = await openSandbox()
    const refused = recorded()[2]!
    await callBob(sandbox, 'POST /people', refused.request.body)
    const answer = await callBob(sandbox, 'POST /people', refused.request.body)
    expect(answer.status).toBe(refused.response.status.code)
    expect(await answer.json()).toEqual(refused.response.body)
    expect(answer.headers.get('x-ratelimit-limit')).toBeNull()
  })
})

test('an id has 19 digits, more than a number can hold, and the site is spelled as in the list', async () => {
  const { id, work } = await create(await openSandbox())
  expect(id).toMatch(/^\d{19}$/)
  expect(String(Number(id))).not.toBe(id)
  expect(work.site).toBe('New York (Demo)')
})

test.each([
  ['no surname', { surname: undefined }],
  ['a name with a digit', { firstName: 'John 2nd' }],
  ['a name of 51 letters', { firstName: 'A'.repeat(51) }],
  ['no e-mail', { email: 'nobody' }],
  ['an unknown site', { work: { site: 'Atlantis', startDate: '2027-01-04' } }],
  ['no start date', { work: { site: 'New York (Demo)' } }],
  ['an unknown title', { work: { ...somebody.work, title: 'Wizard' } }],
  ['an unknown department', { work: { ...somebody.work, department: 'Magic' } }],
])('a creation with %s is refused and makes nobody', async (_, changes) => {
  const sandbox = await openSandbox()
  const answer = await callBob(sandbox, 'POST /people', { ...somebody, ...changes })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toHaveProperty('key')
  expect(sandbox.ledger().counts.employees).toBe(0)
})

test('search finds by e-mail in any case, gives the fields asked for, and omits unknown ones silently', async () => {
  const sandbox = await openSandbox()
  const { id } = await create(sandbox)
  const fields = ['root.id', 'root.email', 'work.site', 'root.shoeSize']
  expect(await search(sandbox, 'ADA@example.com', { fields })).toEqual([
    {
      '/root/id': { value: id },
      '/root/email': { value: 'ada@example.com' },
      '/work/site': { value: 'New York (Demo)' },
      id,
      email: 'ada@example.com',
      work: { site: 'New York (Demo)' },
    },
  ])
})

test.each([
  { filters: [] },
  { filters: [{ fieldPath: 'root.surname', operator: 'equals', values: ['Example'] }] },
  { filters: [{ fieldPath: 'root.email', operator: 'contains', values: ['a'] }] },
  { filters: [{ fieldPath: 'root.email', operator: 'equals', values: [] }] },
])('a search with $filters is refused', async (body) => {
  expect((await callBob(await openSandbox(), 'POST /people/search', body)).status).toBe(400)
})

test('a leaver is found only with showInactive, and keeps the e-mail', async () => {
  const sandbox = await openSandbox()
  sandbox.hibob.addEmployee({ email: 'ada@example.com', status: 'Inactive' })
  expect(await search(sandbox, 'ada@example.com', {})).toEqual([])
  expect(await search(sandbox, 'ada@example.com')).toHaveLength(1)
  expect((await callBob(sandbox, 'POST /people', somebody)).status).toBe(400)
})

test('somebody out of scope is found by nobody, and keeps the e-mail', async () => {
  const sandbox = await openSandbox()
  const { id } = sandbox.hibob.addEmployee({ email: 'ada@example.com', outOfScope: true })
  expect(await search(sandbox, 'ada@example.com')).toEqual([])
  expect((await callBob(sandbox, `POST /people/${id}`)).status).toBe(404)
  expect((await callBob(sandbox, 'POST /people', somebody)).status).toBe(400)
})

test('a new employee stays invisible to search for the read lag, and is reachable by id at once', async () => {
  let now = new Date('2026-11-24T10:00:00Z')
  const sandbox = await openSandbox({ clock: { now: () => now, sleep: () => Promise.resolve() } })
  sandbox.hibob.configure('acme', { readLagMs: 20_000 })
  const { id } = await create(sandbox)
  expect(await search(sandbox, 'ada@example.com')).toEqual([])
  expect((await callBob(sandbox, `POST /people/${id}`)).status).toBe(200)
  now = new Date('2026-11-24T10:00:20Z')
  expect(await search(sandbox, 'ada@example.com')).toHaveLength(1)
})

test('an employee is read by id or e-mail as the bare employee', async () => {
  const sandbox = await openSandbox()
  const { id } = await create(sandbox, { home: { privateEmail: 'private@example.com' } })
  const fields = ['root.id', 'home.privateEmail']
  const answer = await callBob(sandbox, `POST /people/${encodeURIComponent('ada@example.com')}`, {
    fields,
  })
  expect(await answer.json()).toMatchObject({ id, home: { privateEmail: 'private@example.com' } })
})

test('an upload keeps the digest of what was sent, and a second one makes a second document', async () => {
  const sandbox = await openSandbox()
  const { id } = await create(sandbox)
  for (let time = 0; time < 2; time++) expect((await upload(sandbox, `${id}/shared`, 100)).status).toBe(200)
  const { documents, twins } = sandbox.ledger()
  expect(documents).toMatchObject([
    { name: 'cv.pdf', bytes: 100, employeeId: id, folderId: 1047097 },
    { bytes: 100 },
  ])
  expect(twins.documents).toEqual([documents.map((document) => document.id)])
  const listed = await callBob(sandbox, `GET /docs/people/${id}`)
  expect(await listed.json()).toMatchObject({
    documents: [{ doc: { name: 'cv.pdf' } }, { documentName: 'cv.pdf' }],
  })
})

test('folders take 5 MB, custom ones 1 MB', async () => {
  const sandbox = await openSandbox()
  const { id } = await create(sandbox)
  const megabyte = 1024 * 1024
  expect((await upload(sandbox, `${id}/confidential`, 5 * megabyte)).status).toBe(200)
  expect((await upload(sandbox, `${id}/shared`, 5 * megabyte + 1)).status).toBe(413)
  expect((await upload(sandbox, `${id}/folders/1047099`, 2 * megabyte)).status).toBe(413)
  sandbox.hibob.configure('acme', { customFolderLimitMb: 5 })
  expect((await upload(sandbox, `${id}/folders/1047099`, 2 * megabyte)).status).toBe(200)
  expect((await upload(sandbox, `${id}/folders/1`, 1)).status).toBe(404)
})

test('a document whose URL gives no file is refused', async () => {
  const sandbox = await openSandbox()
  const { id } = await create(sandbox)
  const body = { documentName: 'cv', documentUrl: `${sandbox.url}/files/nothing/cv.pdf` }
  expect((await callBob(sandbox, `POST /docs/people/${id}/shared`, body)).status).toBe(400)
  expect(sandbox.ledger().documents).toEqual([])
})

test('lists and folders are there to choose from, and a wrong path is the login page with 200', async () => {
  const sandbox = await openSandbox()
  const sites = await (await callBob(sandbox, 'GET /company/named-lists/site')).json()
  expect(sites).toMatchObject({ name: 'site', values: [{ id: 2474159, name: 'New York (Demo)' }, {}, {}] })
  expect((await callBob(sandbox, 'GET /company/named-lists/Site')).status).toBe(404)
  const folders = await (await callBob(sandbox, 'GET /docs/folders/metadata')).json()
  expect(folders).toContainEqual({ id: 1047099, name: 'Recruitment CVs', folderType: 'custom' })
  const wrong = await callBob(sandbox, 'GET /people/1/variables')
  expect([wrong.status, wrong.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
})

test('of a list that is a tree the leaves are taken, and a name that two of them have only by its id', async () => {
  const sandbox = await openSandbox()
  const departments = [
    { name: 'Engineering', children: [{ name: 'Platform', id: '11' }, 'Data'] },
    { name: 'Sales', children: ['Platform'] },
  ]
  sandbox.hibob.configure('acme', { departments, listValues: 'both' })
  const statusOf = async (department: string) =>
    (
      await callBob(sandbox, 'POST /people', {
        ...somebody,
        email: `${department}@example.com`,
        work: { ...somebody.work, department },
      })
    ).status
  expect(await Promise.all(['Engineering', 'Platform', 'Data', '11'].map(statusOf))).toEqual([
    400, 400, 200, 200,
  ])
  const list = await (await callBob(sandbox, 'GET /company/named-lists/department')).json()
  expect(list).toMatchObject({ values: [{ name: 'Engineering', children: [{ id: '11' }, {}] }, {}] })
})

test('a company’s own fields are in its metadata, stored, checked against their lists and shown', async () => {
  const sandbox = await openSandbox()
  const fields = [{ id: 'work.custom.field_1651', name: 'T-shirt size', type: 'list', listId: 'size' }]
  sandbox.hibob.configure('acme', { fields, lists: { size: ['S', 'M'] }, withoutFields: ['work.isManager'] })
  const ids = z.array(z.looseObject({ id: z.string() }))
  const known = ids.parse(await (await callBob(sandbox, 'GET /company/people/fields')).json())
  expect(known).toContainEqual(
    expect.objectContaining({ id: 'work.custom.field_1651', typeData: { listId: 'size' } }),
  )
  expect(known.map(({ id }) => id)).not.toContain('work.isManager')
  const sized = (size: string) => ({ work: { ...somebody.work, custom: { field_1651: size } } })
  expect((await callBob(sandbox, 'POST /people', { ...somebody, ...sized('XXL') })).status).toBe(400)
  expect(await create(sandbox, sized('M'))).toMatchObject({ work: { custom: { field_1651: 'M' } } })
})

test('wrong credentials answer 401, a missing permission 403, and companies do not see each other', async () => {
  const other = { name: 'globex', serviceUserId: 'SERVICE-2', serviceUserToken: 'two' }
  const sandbox = await openSandbox({ seed: { companies: [other] } })
  const { id } = await create(sandbox)
  const as = (credentials: string) =>
    fetch(`${sandbox.hibobUrl}/people/${id}`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    })
  expect((await as('SERVICE-1001:wrong')).status).toBe(401)
  expect((await as('SERVICE-2:two')).status).toBe(404)
  sandbox.hibob.configure('acme', { denied: ['people.create'] })
  expect((await callBob(sandbox, 'POST /people', somebody)).status).toBe(403)
})

test('a limited company gets 429 at its 51st search in a minute, with the end of the window', async () => {
  let now = new Date('2026-11-24T10:00:00Z')
  const sandbox = await openSandbox({ clock: { now: () => now, sleep: () => Promise.resolve() } })
  sandbox.hibob.configure('acme', { rateLimited: true })
  const call = () => callBob(sandbox, 'POST /people/search', {})
  expect((await call()).headers.get('x-ratelimit-remaining')).toBe('49')
  for (let number = 2; number <= 50; number++) await call()
  const refused = await call()
  expect(refused.status).toBe(429)
  expect(refused.headers.get('x-ratelimit-reset')).toBe(String(now.getTime() / 1000 + 60))
  expect(await refused.text()).toBe('Too many attempts')
  now = new Date('2026-11-24T10:01:00Z')
  expect((await call()).status).toBe(200)
})

/** Keys and kinds of values, at every depth: what an answer looks like, whoever it is about. */
function kinds(value: unknown): unknown {
  if (Array.isArray(value)) return 'list'
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, kinds(part)]))
}

async function aCv(sandbox: Sandbox) {
  const application = sandbox.pinpoint.addApplication()
  return { documentUrl: `${sandbox.url}/pinpoint-files/${sandbox.pinpoint.fileToken(application)}/cv.pdf` }
}

function upload(sandbox: Sandbox, folder: string, size: number): Promise<Response> {
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(size)], { type: 'application/pdf' }), 'cv.pdf')
  return fetch(`${sandbox.hibobUrl}/docs/people/${folder}/upload`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('SERVICE-1001:hibob-sandbox-token').toString('base64')}` },
    body: form,
  })
}
