/** The ledger knows whose each record, file and comment is, and tells what hangs on somebody else's. */
import { expect, test } from 'vitest'

import type { Sandbox } from '../../sandbox/index.ts'
import { applicationFor, callBob, callPinpoint, openSandbox } from './open.ts'

const shared = 'desk@example.com'
const work = { site: 'New York (Demo)', startDate: '2026-09-01' }
const nobody = { employees: [], documents: [], comments: [] }

const apply = (sandbox: Sandbox, firstName: string, seed: object = {}) =>
  sandbox.pinpoint.addApplication({ email: shared, firstName, lastName: 'Example', ...seed })

async function create(sandbox: Sandbox, firstName: string, email = shared): Promise<string> {
  await callBob(sandbox, 'POST /people', { firstName, surname: 'Example', email, work })
  return sandbox.hibob.withEmail('acme', email)[0]?.id ?? ''
}

/** As the service does it: the bytes from Pinpoint's link, and the name that tells the application. */
async function upload(sandbox: Sandbox, application: string, employee: string) {
  const token = sandbox.pinpoint.fileToken(
    sandbox.pinpoint.application(application) ?? apply(sandbox, 'Nobody'),
  )
  const file = await fetch(`${sandbox.url}/pinpoint-files/${token}/cv.pdf`)
  const content = new Uint8Array(await file.arrayBuffer())
  const owner = { id: employee, company: 'acme' }
  return sandbox.hibob.addDocument(owner, {
    folderId: 1,
    name: 'cv.pdf',
    tags: [],
    mimeType: 'application/pdf',
    content,
  })
}

async function comment(sandbox: Sandbox, application: string, text: string): Promise<string> {
  const { data } = applicationFor(application)
  await callPinpoint(sandbox, '/comments', { data: { ...data, attributes: { body_text: text } } })
  return sandbox.pinpoint.comments(application).at(-1)?.id ?? ''
}

test('a record, a file and a comment of one person, also of another application and after the e-mail was changed', async () => {
  const sandbox = await openSandbox()
  const [first, second] = [apply(sandbox, 'Ada'), apply(sandbox, 'Ada')]
  const employee = await create(sandbox, 'Ada')
  sandbox.hibob.setEmail(employee, 'ada@corp.example')
  sandbox.pinpoint.changeApplication(second.id, { email: 'ada@elsewhere.example' })
  await upload(sandbox, second.id, employee)
  for (const { id } of [first, second]) await comment(sandbox, id, `Record found with ID: ${employee}`)
  expect(sandbox.ledger().wrongPerson).toEqual(nobody)
})

test('two people with one e-mail: the file and the comment of one on the record of the other', async () => {
  const sandbox = await openSandbox()
  const [ada, ben] = [apply(sandbox, 'Ada'), apply(sandbox, 'Ben')]
  const employee = await create(sandbox, 'Ada')
  await upload(sandbox, ada.id, employee)
  const document = await upload(sandbox, ben.id, employee)
  const named = await comment(sandbox, ben.id, `Record found with ID: ${employee}`)
  expect(sandbox.ledger().wrongPerson).toEqual({ employees: [], documents: [document.id], comments: [named] })
})

test('a file whose bytes are nobody’s goes by its name; a comment that somebody has written does not count', async () => {
  const sandbox = await openSandbox()
  const ben = apply(sandbox, 'Ben')
  const employee = sandbox.hibob.addEmployee({ email: shared, firstName: 'Ada' })
  const document = sandbox.hibob.addDocument(employee, {
    folderId: 1,
    name: `CV - Ben Example (Pinpoint ${ben.id}).pdf`,
    tags: [],
    mimeType: 'application/pdf',
    content: Buffer.from('%PDF- half of it'),
  })
  sandbox.pinpoint.addComment(ben.id, `Record created with ID: ${employee.id}`)
  await comment(sandbox, ben.id, 'Record created with ID: badge-7')
  expect(sandbox.ledger().wrongPerson).toEqual({ ...nobody, documents: [document.id] })
})

test('an employee with the name of one and the e-mail of another is nobody', async () => {
  const sandbox = await openSandbox()
  apply(sandbox, 'Ada')
  apply(sandbox, 'Ben', { email: 'ben@example.com' })
  const mixed = await create(sandbox, 'Ada', 'ben@example.com')
  expect(sandbox.ledger().wrongPerson).toEqual({ ...nobody, employees: [mixed] })
})

test('who is one person although nothing tells it is said by the seed', async () => {
  const sandbox = await openSandbox()
  const robert = apply(sandbox, 'Robert', { person: 'bob' })
  const { id } = sandbox.hibob.addEmployee({ email: 'bob@corp.example', firstName: 'Bob', person: 'bob' })
  const same = await comment(sandbox, robert.id, `Record found with ID: ${id}`)
  expect(sandbox.ledger().wrongPerson).toEqual(nobody)
  const other = sandbox.hibob.addEmployee({ email: shared, firstName: 'Robert', person: 'his father' })
  const wrong = await comment(sandbox, robert.id, `Record found with ID: ${other.id}`)
  expect([same, sandbox.ledger().wrongPerson]).toEqual([same, { ...nobody, comments: [wrong] }])
})
