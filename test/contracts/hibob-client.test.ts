/** The HiBob client against the sandbox. */
import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { tinyPdf } from '../../sandbox/index.ts'
import { openBob } from '../../src/integrations/hibob/client.ts'
import { settings } from '../../src/integrations/hibob/settings.ts'
import { alreadyExists, PermissionMissing, UnrecognisedAnswer } from '../../src/sdk/index.ts'
import { failureOf } from '../outbound/little-server.ts'
import { openSandbox } from '../sandbox/open.ts'
import { bobOf } from './open-clients.ts'

const ada = {
  firstName: 'Ada',
  surname: 'Example',
  email: 'Ada@example.com',
  startDate: '2027-01-04',
  site: 'New York (Demo)',
  title: 'Designer',
  department: undefined,
  privateEmail: 'ada@example.com',
}

describe('The HiBob client', () => {
  it('creates an employee and finds them by their e-mail in any case, with all nineteen digits of the id (cases 21, 56)', async () => {
    const sandbox = await openSandbox()
    const bob = bobOf(sandbox.hibobUrl)
    expect(await bob.peopleWithEmail(ada.email)).toEqual([])

    const made = await bob.createEmployee(ada)

    const id = sandbox.hibob.employees()[0]?.id
    expect(made).toMatchObject({ id, shown: { id, work: { title: 'Designer' } } })
    expect(await bob.peopleWithEmail('ADA@example.com')).toMatchObject([{ id }])
    expect(sandbox.hibob.employees()).toMatchObject([
      {
        email: 'Ada@example.com',
        site: 'New York (Demo)',
        startDate: '2027-01-04',
        title: 'Designer',
        department: null,
      },
    ])
  })

  it('searches for an address and a login in one call, and otherwise for what it always did', async () => {
    const sent: unknown[] = []
    const answer = { status: 200, json: { employees: [] } }
    const http = { send: (request: { json: unknown }) => Promise.resolve((sent.push(request.json), answer)) }
    const bob = openBob(() => http as never, settings.parse({}), {
      serviceUserId: 'x',
      serviceUserToken: 'y',
    })
    await bob.peopleWithEmail('Ada@example.com')
    await bob.peopleWithEmail('ada@example.com', 'Ada@acme.example')
    const fields =
      '"root.id","root.email","root.firstName","root.surname","root.displayName","internal.status","internal.lifecycleStatus"'
    const search = (fields: string, values: string) =>
      `{"fields":[${fields}],"filters":[{"fieldPath":"root.email","values":[${values}],"operator":"equals"}],"showInactive":true}`
    expect(sent.map((one) => JSON.stringify(one))).toEqual([
      search(fields, '"Ada@example.com","ada@example.com"'),
      search(`${fields},"home.privateEmail"`, '"ada@example.com","Ada@acme.example","ada@acme.example"'),
    ])
  })

  it('says that an e-mail is taken as an answer, not as an error', async () => {
    const sandbox = await openSandbox()
    sandbox.hibob.addEmployee({ email: 'ada@example.com', outOfScope: true })
    const bob = bobOf(sandbox.hibobUrl)
    expect(await bob.peopleWithEmail(ada.email)).toEqual([])
    expect(await bob.createEmployee(ada)).toBe(alreadyExists)
  })

  it('finds leavers and twins', async () => {
    const sandbox = await openSandbox()
    sandbox.hibob.addEmployee({ email: 'ada@example.com', status: 'Inactive' })
    sandbox.hibob.addEmployee({ email: 'ada@example.com' })
    expect(await bobOf(sandbox.hibobUrl).peopleWithEmail('ada@example.com')).toMatchObject([
      { status: 'inactive', lifecycle: 'terminated' },
      { status: 'active', lifecycle: 'employed' },
    ])
  })

  it.each([
    ['a digit in the name', { firstName: 'Ada 2' }],
    ['an unknown site', { site: 'Atlantis' }],
  ])('parks what HiBob refuses: %s', async (_, change) => {
    const sandbox = await openSandbox()
    const failure = await failureOf(bobOf(sandbox.hibobUrl).createEmployee({ ...ada, ...change }))
    expect(failure).toMatchObject({
      name: 'NeedsPerson',
      code: 'hibob.create_refused',
      pausesConnection: false,
    })
    expect(failure.message).not.toMatch(/Ada|example\.com/)
    expect(sandbox.hibob.employees()).toEqual([])
  })

  it('reads the lists of sites, titles and departments, and says undefined of one that is not there', async () => {
    const sandbox = await openSandbox()
    const bob = bobOf(sandbox.hibobUrl)
    expect(await bob.namedList('site')).toContain('New York (Demo)')
    expect(await bob.namedList('Site')).toBeUndefined()
    sandbox.faults.add({ system: 'hibob', operation: 'lists.get', effect: { html: true } })
    expect(await failureOf(bob.namedList('site'))).toBeInstanceOf(UnrecognisedAnswer)
    sandbox.hibob.configure('acme', { denied: ['lists.read'] })
    expect(await bob.namedList('site')).toBeUndefined()
  })

  it.each(['key', 401, 403] as const)(
    'a right on documents that is missing, said with %s, is told by its bucket and pauses nothing (F8)',
    async (deniedWith) => {
      const sandbox = await openSandbox()
      const { id } = sandbox.hibob.addEmployee({ email: 'ada@example.com' })
      sandbox.hibob.configure('acme', { denied: ['docs.read', 'docs.upload'], deniedWith })
      const bob = bobOf(sandbox.hibobUrl)
      const file = { name: 'CV.pdf', type: 'application/pdf', bytes: tinyPdf('x') }
      for (const refused of [bob.documents(id), bob.uploadFile(id, file)]) {
        const failure = await failureOf(refused)
        expect(failure).toBeInstanceOf(PermissionMissing)
        expect(failure).toMatchObject({
          code: 'hibob.permission_missing',
          bucket: 'docs',
          pausesConnection: false,
        })
      }
    },
  )

  it.each(['key', 401, 403] as const)(
    'without the right to search nobody can be hired, said with %s: the connection pauses (F8b)',
    async (deniedWith) => {
      const sandbox = await openSandbox()
      sandbox.hibob.configure('acme', { denied: ['people.read'], deniedWith })
      const failure = await failureOf(bobOf(sandbox.hibobUrl).peopleWithEmail('ada@example.com'))
      expect(failure).toMatchObject({
        code: 'hibob.permission_missing',
        bucket: 'search',
        pausesConnection: true,
      })
      expect(failure.message).not.toContain('No permissions')
    },
  )

  it.each([
    ['shared', 1047097],
    ['confidential', 1047098],
    ['1047099', 1047099],
  ])('uploads a file whole, to the folder %s, and lists it', async (documents, folderId) => {
    const sandbox = await openSandbox()
    const { id } = sandbox.hibob.addEmployee({ email: 'ada@example.com' })
    const bob = bobOf(sandbox.hibobUrl, { documents })
    const bytes = tinyPdf('Zoë', 100_000)

    const made = await bob.uploadFile(id, {
      name: 'CV - Zoë "Z" Example.pdf',
      type: 'application/pdf',
      bytes,
    })

    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(sandbox.hibob.documents(id)).toMatchObject([{ folderId, sha256, bytes: bytes.length }])
    expect(await bob.documents(id)).toMatchObject([
      { ...made, name: expect.stringContaining('CV - Zoë') as string },
    ])
  })

  it.each(['shared', 'confidential', '1047099'])(
    'has HiBob fetch a file by its link into %s',
    async (documents) => {
      const sandbox = await openSandbox()
      const { id } = sandbox.hibob.addEmployee({ email: 'ada@example.com' })
      const application = sandbox.pinpoint.addApplication()
      const url = `${sandbox.url}/pinpoint-files/${sandbox.pinpoint.fileToken(application)}/cv.pdf`
      const bob = bobOf(sandbox.hibobUrl, { documents })

      expect(await bob.uploadByUrl(id, { name: 'CV.pdf', url })).toHaveProperty('id')
      expect(await bob.uploadByUrl(id, { name: 'CV.pdf', url: `${url}x/x` })).toEqual({ refused: 400 })
      expect(sandbox.hibob.documents(id)).toHaveLength(1)
    },
  )

  it('says that a file was refused, and why by its status', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.hibob.addEmployee({ email: 'ada@example.com' })
    const bytes = tinyPdf('large', 5 * 1024 * 1024 + 1)
    expect(
      await bobOf(sandbox.hibobUrl).uploadFile(id, { name: 'x.pdf', type: 'application/pdf', bytes }),
    ).toEqual({
      refused: 413,
    })
  })

  it('lists documents in the other shape on record, too', async () => {
    const sandbox = await openSandbox()
    sandbox.hibob.configure('acme', { documentList: 'flat' })
    const { id } = sandbox.hibob.addEmployee({ email: 'ada@example.com' })
    const bob = bobOf(sandbox.hibobUrl)
    await bob.uploadFile(id, { name: 'CV.pdf', type: 'application/pdf', bytes: tinyPdf('x') })
    expect(await bob.documents(id)).toEqual([{ id: undefined, name: 'CV.pdf' }])
  })

  it('knows a wrong address by the login page that answers', async () => {
    const sandbox = await openSandbox()
    const bob = bobOf(sandbox.hibobUrl.replace('/v1', '/v1/v1'))
    expect(await failureOf(bob.peopleWithEmail(ada.email))).toMatchObject({
      name: 'RetryLater',
      code: 'hibob.answer_unrecognised',
    })
  })

  it('pauses the connection when the token is refused, and asks once only (case 51)', async () => {
    const sandbox = await openSandbox()
    const bob = bobOf(sandbox.hibobUrl, {}, { serviceUserId: 'SERVICE-1001', serviceUserToken: 'wrong' })
    expect(await failureOf(bob.peopleWithEmail(ada.email))).toMatchObject({
      code: 'hibob.credentials_refused',
      pausesConnection: true,
      details: { key: 'tokenNotMatch' },
    })
    expect(sandbox.calls.count('hibob', 'people.search')).toBe(1)
  })
})
