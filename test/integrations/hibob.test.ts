/** A hire in Pinpoint becomes an employee with a CV in HiBob. The engine's promises are tested elsewhere. */
import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { type ApplicationSeed, type Sandbox, tinyPdf } from '../../sandbox/index.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import { hireInBob, openHttp, serviceUser } from '../contracts/open-clients.ts'
import { failureOf } from '../outbound/little-server.ts'
import { openSandbox } from '../sandbox/open.ts'

const ny = { site: 'New York (Demo)' }

async function warningsOfHire(sandbox: Sandbox, application: string) {
  const told: { code: string; message: string }[] = []
  const onWarning = (code: string, message: string) => void told.push({ code, message })
  await hireInBob(sandbox, application, { onWarning, settings: ny })
  return told
}

describe('HiBob', () => {
  it('gets the employee with site, start date, title and department in its own spelling, and the CV', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication({
      firstName: 'Ada',
      lastName: 'Example',
      email: 'ada@example.com',
      offers: [{ result: 'accepted', startOn: '2027-02-01', jobTitle: 'DESIGNER' }],
      job: { location: 'new york (demo)', department: 'engineering' },
    })
    const warnings: string[] = []

    const result = await hireInBob(sandbox, id, { warnings })

    const [employee] = sandbox.hibob.employees()
    expect(result).toMatchObject({ did: 'created', record: { id: employee?.id, how: 'created' } })
    expect(employee).toMatchObject({
      site: 'New York (Demo)',
      startDate: '2027-02-01',
      title: 'Designer',
      department: 'Engineering',
      email: 'ada@example.com',
      extra: { home: { privateEmail: 'ada@example.com' } },
    })
    const sha256 = createHash('sha256').update(sandbox.pinpoint.cvBytes(id)!).digest('hex')
    expect(sandbox.hibob.documents()).toMatchObject([
      // Where the employee does not see it: a recruiter may have written on it.
      { name: `CV - Ada Example (Pinpoint ${id}).pdf`, sha256, folderId: 1047098 },
    ])
    expect([warnings, sandbox.leaks]).toEqual([[], []])
  })

  it('keeps one employee and one CV when the same hire comes again, and another application of the person (cases 11, 47)', async () => {
    const sandbox = await openSandbox()
    const first = sandbox.pinpoint.addApplication({ email: 'ada@example.com' })
    const second = sandbox.pinpoint.addApplication({ email: 'Ada@Example.com ' })
    await hireInBob(sandbox, first.id)

    expect(await hireInBob(sandbox, first.id)).toMatchObject({ did: 'found', record: { how: 'found' } })
    expect(await hireInBob(sandbox, second.id)).toMatchObject({ did: 'found' })
    expect(sandbox.ledger().counts).toMatchObject({ employees: 1, documents: 1 })
  })

  it('gives an employee who is already there their CV, unless a person has uploaded that file', async () => {
    const sandbox = await openSandbox()
    const { id: employeeId, company } = sandbox.hibob.addEmployee({ email: 'ada@example.com' })
    const { id } = sandbox.pinpoint.addApplication({ email: 'ada@example.com' })
    const content = Buffer.from('%PDF')
    sandbox.hibob.addDocument(
      { id: employeeId, company },
      { folderId: 1047097, name: 'cv.pdf', tags: [], mimeType: 'application/pdf', content },
    )
    expect(await hireInBob(sandbox, id)).toMatchObject({ did: 'found', record: { id: employeeId } })
    expect(sandbox.ledger().counts).toMatchObject({ employees: 0, documents: 1 })
  })

  it.each([
    ['no start date anywhere', { startOn: null, offers: [] }, 'hibob.hire_incomplete'],
    ['no last name', { lastName: '' }, 'hibob.hire_incomplete'],
    ['a site that HiBob does not know', { job: { location: 'Atlantis' } }, 'hibob.site_unknown'],
  ])('is not written to: %s', async (...[_, seed, code]) => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication(seed)
    expect(await failureOf(hireInBob(sandbox, id))).toMatchObject({ name: 'NeedsPerson', code })
    expect(sandbox.ledger().counts).toMatchObject({ employees: 0, documents: 0 })
  })

  it('an unknown site is shown beside those that exist', async () => {
    const sandbox = await openSandbox()
    sandbox.hibob.configure('acme', { sites: Array.from({ length: 12 }, (_, number) => `Site ${number}`) })
    const { id } = sandbox.pinpoint.addApplication()
    expect(await failureOf(hireInBob(sandbox, id, { settings: { site: 'Atlantis' } }))).toMatchObject({
      message: 'HiBob has no site "Atlantis".',
      fix: expect.stringMatching(/"Site 0", .*"Site 9", and 2 more/) as string,
      resumesOn: 'connection',
    })
  })

  it.each([
    ['a leaver', [{ status: 'Inactive' as const }], 'hibob.former_employee', 'person'],
    ['two people', [{}, {}], 'hibob.several_matches', 'record'],
  ])('%s with this e-mail: a person decides', async (...[_, employees, code, resumesOn]) => {
    const sandbox = await openSandbox()
    for (const employee of employees) sandbox.hibob.addEmployee({ email: 'ada@example.com', ...employee })
    const { id } = sandbox.pinpoint.addApplication({ email: 'ada@example.com' })
    const failure = await failureOf(hireInBob(sandbox, id))
    expect(failure).toMatchObject({ name: 'NeedsPerson', code, resumesOn })
    expect(`${failure.message} ${JSON.stringify(failure.details)}`).not.toContain('ada@')
    expect(sandbox.ledger().counts).toMatchObject({ employees: 0, documents: 0 })
  })

  it('title and department that HiBob does not know are left out with a warning that shows them and what is near', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication({
      offers: [{ startOn: '2027-02-01', jobTitle: 'Desiner' }],
      job: { department: 'Magic' },
    })
    const warnings: string[] = []
    const onWarning = (code: string, message: string) => void warnings.push(`${code}: ${message}`)
    await hireInBob(sandbox, id, { settings: ny, onWarning })
    expect(warnings).toEqual([
      'hibob.title_left_out: The title "Desiner" was left out: it is not in HiBob’s list (did you mean "Designer"?).',
      'hibob.department_left_out: The department "Magic" was left out: it is not in HiBob’s list.',
    ])
    expect(sandbox.hibob.employees()).toMatchObject([{ title: null, department: null }])
  })

  it.each([
    [
      'the title',
      { uneditableFields: ['work.title'] },
      'hibob.fields_dropped',
      /title \(work\.title\).*edit Work/,
    ],
    [
      'all of Work',
      { uneditableFields: ['work'] },
      'hibob.fields_dropped',
      /title.*department \(work\.department\).*edit Work/,
    ],
    [
      'personal contact details',
      { uneditableFields: ['personalContact'] },
      'hibob.fields_dropped',
      /personal e-mail \(home\.privateEmail\).*edit Personal contact details/,
    ],
    [
      'personal contact details, to view',
      { hiddenFields: ['personalContact'] },
      'hibob.fields_not_shown',
      /personal e-mail.*view of Personal contact details/,
    ],
    ['Work, to view', { hiddenFields: ['work'] }, 'hibob.fields_not_shown', /start date.*site.*view of Work/],
    [
      'the names, to view',
      { hiddenFields: ['root.firstName'] },
      'hibob.fields_not_shown',
      /view of Basic info/,
    ],
  ])(
    'a permission that is missing on a new employee is named on the run: %s',
    async (...[_, company, code, said]) => {
      const sandbox = await openSandbox()
      sandbox.hibob.configure('acme', company)
      const { id } = sandbox.pinpoint.addApplication({ job: { title: 'Designer', department: 'Sales' } })
      const [told, ...others] = await warningsOfHire(sandbox, id)
      expect([told?.code, others]).toEqual([code, []])
      expect(told?.message).toMatch(said)
      expect(told?.message).not.toMatch(/Designer|Sales|York/)
      expect(sandbox.calls.count('hibob', 'people.search')).toBe(1)
    },
  )

  it.each(['key', 'errors', 'errorMessage'] as const)(
    'a personal e-mail that HiBob refuses, in the shape of %s, is left out with a warning (F5)',
    async (refusals) => {
      const sandbox = await openSandbox()
      sandbox.hibob.configure('acme', { refusedFields: ['home.privateEmail'], refusals })
      const { id } = sandbox.pinpoint.addApplication({ email: 'ada@example.com', job: { title: 'Designer' } })
      expect(await warningsOfHire(sandbox, id)).toMatchObject([{ code: 'hibob.private_email_left_out' }])
      expect(sandbox.hibob.employees()).toMatchObject([{ email: 'ada@example.com', title: 'Designer' }])
      expect(sandbox.calls.count('hibob', 'people.create')).toBe(2)
    },
  )

  it('lists that cannot be read leave the site to HiBob’s own answer', async () => {
    const sandbox = await openSandbox()
    sandbox.faults.add({ system: 'hibob', operation: 'lists.get', effect: { html: true }, times: 'always' })
    const known = sandbox.pinpoint.addApplication()
    const unknown = sandbox.pinpoint.addApplication()
    await hireInBob(sandbox, known.id, { settings: ny })
    expect(sandbox.hibob.employees()).toMatchObject([{ site: 'New York (Demo)', title: null }])
    expect(await failureOf(hireInBob(sandbox, unknown.id, { settings: { site: 'Atlantis' } }))).toMatchObject(
      {
        code: 'hibob.create_refused',
      },
    )
  })
})

describe('The CV', () => {
  const megabyte = 1024 * 1024
  const cases: [string, ApplicationSeed['cv'], object, readonly string[], number][] = [
    ['is missing', null, {}, [], 0],
    ['is a Word file', { filename: 'cv.docx', contexts: ['cv'], base64: 'UEsDBA==' }, {}, [], 1],
    ['is of a strange kind', { filename: 'cv.pages', contexts: ['cv'] }, {}, ['hibob.cv_wrong_kind'], 0],
    ['is too large', { sizeBytes: 5 * megabyte + 1 }, {}, ['hibob.cv_too_large'], 0],
    ['is just small enough', new Uint8Array(tinyPdf('x', 4 * megabyte)), {}, [], 1],
    [
      'is too large for a custom folder',
      { sizeBytes: megabyte + 1 },
      { documents: '1047099' },
      ['hibob.cv_too_large'],
      0,
    ],
    ['is empty', new Uint8Array(), {}, ['hibob.cv_empty'], 0],
    ['is a web page', Buffer.from('<!DOCTYPE html><p>Log in'), {}, ['hibob.cv_not_a_file'], 0],
    ['is fetched by HiBob', undefined, { cvUpload: 'url' }, [], 1],
  ]
  it.each(cases)('%s', async (...[_, cv, settings, warned, documents]) => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication({ cv })
    const warnings: string[] = []
    expect(await hireInBob(sandbox, id, { settings: { ...ny, ...settings }, warnings })).toMatchObject({
      did: 'created',
    })
    expect([warnings, sandbox.ledger().counts.documents]).toEqual([warned, documents])
  })

  it('of somebody who was made in this attempt is uploaded without a list of their documents', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication()
    await hireInBob(sandbox, id)
    expect(sandbox.calls.list({ system: 'hibob' }).map(({ operation }) => operation)).toEqual([
      'lists.get',
      'lists.get',
      'lists.get',
      'people.search',
      'people.create',
      'docs.upload',
    ])
  })

  it('is looked for when an earlier attempt has made the employee, although the ledger calls them created', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication()
    await hireInBob(sandbox, id, { laterAttempt: true })
    expect(sandbox.calls.count('hibob', 'docs.list')).toBe(2)
  })

  it('for which HiBob does not know the new employee yet is tried again later, not refused', async () => {
    const sandbox = await openSandbox()
    sandbox.faults.add({ system: 'hibob', operation: 'docs.upload', effect: { status: 404 } })
    const { id } = sandbox.pinpoint.addApplication()
    expect(await failureOf(hireInBob(sandbox, id))).toMatchObject({
      name: 'RetryLater',
      code: 'hibob.documents_not_found',
      outcome: 'not_made',
    })
    expect(await hireInBob(sandbox, id)).toMatchObject({ did: 'found' })
    expect(sandbox.ledger().counts).toMatchObject({ employees: 1, documents: 1 })
  })

  it('that goes to a folder that does not exist is refused once the employee’s documents were listed', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication()
    const warnings: string[] = []
    const given = { settings: { ...ny, documents: '404' }, warnings, laterAttempt: true }
    expect(await hireInBob(sandbox, id, given)).toMatchObject({ did: 'created' })
    expect([warnings, sandbox.ledger().counts.documents]).toEqual([['hibob.cv_refused'], 0])
  })

  it('whose link does not work yet is tried again later, before anything is sent (case 49)', async () => {
    const sandbox = await openSandbox()
    sandbox.faults.add({ system: 'files', operation: 'files.get', effect: { status: 404 } })
    const { id } = sandbox.pinpoint.addApplication()
    expect(await failureOf(hireInBob(sandbox, id))).toMatchObject({ name: 'RetryLater', outcome: 'not_made' })
    expect(sandbox.calls.count('hibob', 'docs.upload')).toBe(0)
    expect(await hireInBob(sandbox, id)).toMatchObject({ did: 'found' })
    expect(sandbox.ledger().counts).toMatchObject({ employees: 1, documents: 1 })
  })
})

describe('The check of a connection', () => {
  const check = async (prepare: (sandbox: Sandbox) => unknown, settings: object = {}) => {
    const sandbox = await openSandbox()
    prepare(sandbox)
    const given = hibob.settings.parse({ apiUrl: sandbox.hibobUrl, ...settings })
    const report = await hibob.check({ settings: given, secrets: serviceUser, openHttp: openHttp(true) })
    return { report, sandbox }
  }

  it('says that all is well, having only read', async () => {
    const { report, sandbox } = await check(() => undefined, { ...ny, documents: '1047099' })
    expect(report.map(({ ok, what }) => [ok, what])).toEqual([
      [true, 'Credentials'],
      [true, 'Fields that are sent'],
      [true, 'Site'],
      [true, 'Folder for CVs'],
    ])
    expect(sandbox.ledger().counts).toMatchObject({ employees: 0, documents: 0 })
  })

  it.each([
    ['a bad key', { serviceUserToken: 'other' }, {}, 'Credentials', /refused the credentials/],
    ['a missing permission', { denied: ['people.read' as const] }, {}, 'Credentials', /lack a permission/],
    [
      'a field that the company has removed',
      { withoutFields: ['home.privateEmail'] },
      {},
      'Fields that are sent',
      /no field home\.privateEmail/,
    ],
    ['an unknown site', {}, { site: 'Atlantis' }, 'Site', /no site "Atlantis".*"New York \(Demo\)"/],
    [
      'an unknown site among many',
      {},
      { ...ny, sites: { Springfield: 'Atlantis' } },
      'Site',
      /no site "Atlantis"/,
    ],
    ['an unknown folder', {}, { documents: '404' }, 'Folder for CVs', /no folder 404/],
  ])('says in plain words: %s', async (...[_, company, settings, what, because]) => {
    const { report } = await check((sandbox) => sandbox.hibob.configure('acme', company), settings)
    const bad = report.filter(({ ok }) => !ok)
    expect(bad).toMatchObject([{ what, because: expect.stringMatching(because) as string }])
  })

  it('says in plain words: a wrong address, and asks no further', async () => {
    const { report, sandbox } = await check(
      ({ faults }) => faults.add({ system: 'hibob', operation: 'people.search', effect: { html: true } }),
      ny,
    )
    expect(report).toMatchObject([
      { ok: false, because: expect.stringMatching(/Check the address/) as string },
    ])
    expect(sandbox.calls.list()).toHaveLength(1)
  })
})
