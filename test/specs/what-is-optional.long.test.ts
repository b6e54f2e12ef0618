/** What is optional never stops what is not: the employee is there, the comment is made, the run is done with a warning. */
import { createHash } from 'node:crypto'

import { afterEach, describe, expect, it } from 'vitest'

import { type ApplicationSeed, type FaultRule, tinyPdf } from '../../sandbox/index.ts'
import { cvBytesOf } from '../../sandbox/pinpoint/cv-bytes.ts'
import { resumeRun, type RunView } from '../../src/operator/operate.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64')
const warningsOf = ({ result }: RunView) =>
  (result as { warnings: readonly { code: string; message: string }[] }).warnings

/** The first run of the only event, once it is in one of these states. */
function runIn(...states: readonly RunView['state'][]): Promise<RunView> {
  return until(`the run to be ${states.join(' or ')}`, async () => {
    const run = (await world.store.runs.listRuns({ limit: 10 })).at(-1)
    return run !== undefined && states.includes(run.state) && run
  })
}

/** Through its waits, as fast as a person can resume it. */
async function doneAtLast(): Promise<RunView> {
  for (;;) {
    const run = await runIn('waiting', 'parked', 'done')
    if (run.state !== 'waiting') return run
    await resumeRun(world.store.runs, run.id)
  }
}

const always = (effect: FaultRule['effect'], operation = 'files.get'): FaultRule => ({
  system: 'files',
  operation,
  effect,
  times: 'always',
})

describe('a CV whose link is dead for good (W7)', () => {
  it.each([
    ['404', always({ status: 404 })],
    ['410', always({ status: 410 })],
    ['403 of S3', always({ status: 403, body: '<Error><Code>NoSuchKey</Code></Error>' })],
    ['an endless redirect', always({ status: 302, headers: { location: '/files/again' } }, 'files.link')],
    ['no answer', always({ cut: 'before' })],
  ])('answers %s: after six tries the comment is there, and the run is done', async (_, fault) => {
    world = await openWorld()
    world.sandbox.faults.add(fault)
    await world.hire({ email: 'ada@example.com' })

    const run = await doneAtLast()
    expect(run).toMatchObject({ state: 'done', result: { did: 'created' } })
    expect(warningsOf(run)).toEqual([
      { code: 'hibob.cv_not_available', message: expect.stringMatching(/^CV not available: /) as string },
    ])
    expect(JSON.stringify(run)).not.toMatch(/pinpoint-files|localhost/)
    expectExactly(world, 1, { documents: 0 })
  })
})

describe('what a link gives instead of a CV is not uploaded (W14)', () => {
  it.each([
    ['an XML error', 'application/xml', '<?xml version="1.0"?><Error><Code>ExpiredToken</Code></Error>'],
    ['a JSON error', 'application/json', '{"error":"expired"}'],
    ['a piece of a page', 'application/octet-stream', '<div class="err">Sign in</div>'],
    ['plain words', 'text/plain', 'Not found'],
  ])('%s', async (_, contentType, body) => {
    world = await openWorld()
    await world.hire({
      email: 'ada@example.com',
      cv: { base64: base64(body), contentType, contexts: ['pdf_cv'] },
    })
    const run = await runIn('done', 'parked')
    expect(warningsOf(run)).toMatchObject([{ code: 'hibob.cv_not_a_file' }])
    expectExactly(world, 1, { documents: 0 })
  })
})

describe('a CV is known by its bytes, whatever it is called (W16)', () => {
  const docx = cvBytesOf({ filename: 'cv.docx', contexts: [], bytes: undefined, sizeBytes: 0 }, 'a CV')
  it.each<[string, Uint8Array, string]>([
    ['Ada Example Resume', Buffer.from('%PDF-1.7 invented'), 'pdf'],
    ['cv.pdf ', tinyPdf('a CV'), 'pdf'],
    ['cv.pdf.txt', tinyPdf('a CV'), 'pdf'],
    ['scan.PDF', tinyPdf('a CV'), 'pdf'],
    ['cv', docx, 'docx'],
    ['cv.doc', docx, 'docx'],
  ])('%j', async (filename, bytes, ending) => {
    world = await openWorld()
    const cv: ApplicationSeed['cv'] = { filename, contexts: ['cv'], base64: base64(bytes) }
    const id = await world.hire({ firstName: 'Ada', lastName: 'Example', email: 'ada@example.com', cv })
    expect(warningsOf(await runIn('done', 'parked'))).toEqual([])
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(world.sandbox.hibob.documents()).toMatchObject([
      { name: `CV - Ada Example (Pinpoint ${id}).${ending}`, sha256 },
    ])
  })

  it('and one whose end is missing is uploaded, and said to be', async () => {
    world = await openWorld()
    await world.hire({ email: 'ada@example.com', cv: { base64: base64(tinyPdf('a CV').subarray(0, 300)) } })
    expect(warningsOf(await runIn('done', 'parked'))).toMatchObject([{ code: 'hibob.cv_cut_off' }])
    expectExactly(world, 1)
  })
})

describe('a CV that breaks off', () => {
  it('each time is never uploaded in part', async () => {
    world = await openWorld()
    await world.hire({ email: 'ada@example.com', cv: { breaksOffAfter: 100 } })
    expect(warningsOf(await doneAtLast())).toMatchObject([{ code: 'hibob.cv_not_available' }])
    expectExactly(world, 1, { documents: 0 })
  })
})

describe('a right on documents that is missing stops nobody (F8)', () => {
  it.each([
    ['docs.upload', 2, 0],
    // Who is made now has no documents to list; who was there before has.
    ['docs.read', 1, 1],
  ] as const)(
    '%s: all hires go through, with a warning where it is needed (case 52)',
    async (right, warned, documents) => {
      world = await openWorld()
      world.sandbox.hibob.configure('acme', { denied: [right] })
      if (right === 'docs.read') world.sandbox.hibob.addEmployee({ email: 'ada@example.com' })
      for (const email of ['ada@example.com', 'grace@example.com']) await world.hire({ email })
      const runs = await world.settled(2)
      for (const run of runs) expect(run).toMatchObject({ state: 'done', attempt: 1 })
      expect(runs.flatMap(warningsOf)).toMatchObject(
        Array.from({ length: warned }, () => ({ code: 'hibob.cv_not_uploaded' })),
      )
      expectExactly(world, right === 'docs.read' ? 1 : 2, { documents, comments: 2 })
    },
  )
})

describe('documents that HiBob keeps failing on', () => {
  it.each<[string, FaultRule, number]>([
    ['listing answers 500', { system: 'hibob', operation: 'docs.list', effect: { status: 500 } }, 0],
    ['listing answers 404', { system: 'hibob', operation: 'docs.list', effect: { status: 404 } }, 0],
    [
      'the list is unreadable',
      { system: 'hibob', operation: 'docs.list', effect: { status: 200, body: [1] } },
      0,
    ],
    ['uploading answers 500', { system: 'hibob', operation: 'docs.upload', effect: { status: 500 } }, 6],
  ])('%s: left after six tries, never blindly uploaded (cases 30, 50)', async (_, fault, uploads) => {
    world = await openWorld({ hibob: { readLagSeconds: 0 } })
    world.sandbox.faults.add({ ...fault, times: 'always' })
    world.sandbox.hibob.addEmployee({ email: 'ada@example.com' })
    await world.hire({ email: 'ada@example.com' })
    const run = await doneAtLast()
    expect(run).toMatchObject({ state: 'done', result: { did: 'found' } })
    expect(warningsOf(run)).toMatchObject([{ code: 'hibob.cv_not_uploaded' }])
    expectExactly(world, 0, { documents: 0, comments: 1 })
    expect(world.sandbox.calls.count('hibob', 'docs.upload')).toBeLessThanOrEqual(uploads)
  })
})

describe('title and department that HiBob refuses hold nobody up (F6)', () => {
  const shapes = ['key', 'errors', 'errorMessage'] as const
  const hired = { email: 'ada@example.com', job: { title: 'Designer', department: 'Engineering' } }

  it.each(shapes)('by name, in the shape of %s: it is given their ids', async (refusals) => {
    world = await openWorld()
    world.sandbox.hibob.configure('acme', { listValues: 'ids', refusals })
    await world.hire(hired)
    const run = await runIn('done', 'parked')
    expect(run).toMatchObject({ state: 'done', attempt: 1, result: { did: 'created', warnings: [] } })
    expect(world.sandbox.hibob.employees()).toMatchObject([{ title: 'Designer', department: 'Engineering' }])
    expectExactly(world, 1)
  })

  it.each(shapes)('by name and by id, in the shape of %s: they are left out', async (refusals) => {
    world = await openWorld()
    world.sandbox.hibob.configure('acme', { listValues: 'none', refusals })
    await world.hire(hired)
    const run = await runIn('done', 'parked')
    expect(run).toMatchObject({ state: 'done', attempt: 1, result: { did: 'created' } })
    expect(warningsOf(run)).toEqual([
      {
        code: 'hibob.title_left_out',
        message: 'The title was left out: HiBob refused it. `runs show --reveal` shows it.',
      },
      {
        code: 'hibob.department_left_out',
        message: 'The department "Engineering" was left out: HiBob refused it.',
      },
    ])
    expect(world.sandbox.hibob.employees()).toMatchObject([{ title: null, department: null }])
    expectExactly(world, 1)
  })

  it('and one that HiBob drops without an error is told, although another attempt ends the run (F9; case 36)', async () => {
    world = await openWorld()
    world.sandbox.hibob.configure('acme', { uneditableFields: ['work.department'] })
    world.sandbox.faults.add({ system: 'files', operation: 'files.get', effect: { status: 404 } })
    await world.hire(hired)
    const run = await doneAtLast()
    expect(run).toMatchObject({ state: 'done', attempt: 2 })
    expect(warningsOf(run)).toEqual([
      {
        code: 'hibob.fields_dropped',
        message: expect.stringContaining('without department (work.department)') as string,
      },
    ])
    expect(world.sandbox.hibob.employees()).toMatchObject([{ title: 'Designer', department: null }])
    expectExactly(world, 1)
  })

  it('nor does a personal e-mail (F5): each call follows a search', async () => {
    world = await openWorld()
    world.sandbox.hibob.configure('acme', { refusedFields: ['home.privateEmail'] })
    await world.hire(hired)
    const run = await runIn('done', 'parked')
    expect(run).toMatchObject({ state: 'done', attempt: 1, result: { did: 'created' } })
    expect(warningsOf(run)).toMatchObject([{ code: 'hibob.private_email_left_out' }])
    const people = world.sandbox.calls.list({ system: 'hibob' }).map(({ operation }) => operation)
    expect(people.filter((operation) => operation.startsWith('people.'))).toEqual([
      'people.search',
      'people.create',
      'people.search',
      'people.create',
    ])
    expectExactly(world, 1)
  })

  it('but what is demanded is not given up with them', async () => {
    world = await openWorld()
    await world.hire({ ...hired, lastName: 'Example 2nd' })
    expect(await runIn('done', 'parked')).toMatchObject({ state: 'parked', code: 'hibob.create_refused' })
    expect(world.sandbox.calls.count('hibob', 'people.create')).toBe(1)
  })
})

describe('a CV that comes later than the hire (W17)', () => {
  const runs = () => world.store.runs.listRuns({ limit: 10 })
  /** The follow-up, as soon as it is in one of these states. */
  const followUpIn = (...states: readonly RunView['state'][]) =>
    until(`the follow-up to be ${states.join(' or ')}`, async () => {
      const run = (await runs()).find(({ followUp }) => followUp)
      return run !== undefined && states.includes(run.state) && run
    })

  it('is uploaded by the follow-up, and nothing else is made again', async () => {
    world = await openWorld()
    const id = await world.hire({ email: 'ada@example.com', cv: { filename: 'cv.odt', contexts: ['cv'] } })
    const run = await runIn('done', 'parked')
    expect(warningsOf(run)).toEqual([
      {
        code: 'hibob.cv_wrong_kind',
        message: expect.stringMatching(
          /looked for again after 10 minutes, 2 hours and 24 hours\.$/,
        ) as string,
      },
    ])
    const followUp = await followUpIn('queued')
    expect(followUp.reason).toMatch(/^Looks again for the CV/)
    expect(Date.parse(followUp.nextAt ?? '') - Date.parse(run.updatedAt)).toBeCloseTo(600_000, -4)
    expectExactly(world, 1, { documents: 0 })

    world.sandbox.pinpoint.changeApplication(id, { cv: {} })
    await resumeRun(world.store.runs, followUp.id)
    const found = await followUpIn('done', 'parked', 'waiting')
    expect(found).toMatchObject({ state: 'done', result: { did: 'found', warnings: [] } })
    expectExactly(world, 1)
    expect(await runs()).toHaveLength(2)
  })

  it('or not at all: the follow-up waits for its next look, and parks nobody', async () => {
    world = await openWorld()
    await world.hire({ email: 'ada@example.com', cv: new Uint8Array() })
    await resumeRun(world.store.runs, (await followUpIn('queued')).id)
    const followUp = await followUpIn('waiting', 'parked', 'done')
    expect(followUp).toMatchObject({ state: 'waiting', code: 'runs.looks_again', attempt: 1 })
    expectExactly(world, 1, { documents: 0 })
  })

  it('is looked for as well where it is on record without a file', async () => {
    world = await openWorld()
    const announced = { context: 'pdf_cv', filename: 'cv.pdf', url: null }
    const id = await world.hire({ email: 'ada@example.com', cv: null, oddAttachments: [announced] })
    expect(warningsOf(await runIn('done', 'parked'))).toMatchObject([{ code: 'hibob.cv_without_file' }])
    const followUp = await followUpIn('queued')
    world.sandbox.pinpoint.changeApplication(id, { cv: {} })
    await resumeRun(world.store.runs, followUp.id)
    expect(await followUpIn('done', 'parked', 'waiting')).toMatchObject({ state: 'done' })
    expectExactly(world, 1)
  })

  it('is not looked for where none was announced, where it is a good one already, or where no other can come', async () => {
    world = await openWorld()
    await world.hire({ email: 'ada@example.com', cv: null })
    await world.hire({ email: 'grace@example.com', cv: { filename: 'cv.docx', contexts: ['cv'] } })
    await world.hire({ email: 'alan@example.com', cv: { sizeBytes: 6_000_000 } })
    await world.settled(3)
    expect((await runs()).filter(({ followUp }) => followUp)).toEqual([])
    expectExactly(world, 3, { documents: 1 })
  })
})

describe('a CV that storage keeps compressed (W13)', () => {
  it.each(['gzip', 'gzip_untold'] as const)('%s: the file itself is uploaded', async (encoding) => {
    world = await openWorld()
    const id = await world.hire({ email: 'ada@example.com', cv: { encoding } })
    expect(warningsOf(await runIn('done', 'parked'))).toEqual([])
    const sha256 = createHash('sha256').update(world.sandbox.pinpoint.cvBytes(id)!).digest('hex')
    expect(world.sandbox.hibob.documents()).toMatchObject([{ sha256 }])
  })

  it('the limit counts what it is unpacked', async () => {
    world = await openWorld()
    await world.hire({ email: 'ada@example.com', cv: { encoding: 'gzip', sizeBytes: 6_000_000 } })
    expect(warningsOf(await runIn('done', 'parked'))).toMatchObject([{ code: 'hibob.cv_too_large' }])
    expectExactly(world, 1, { documents: 0 })
  })
})
