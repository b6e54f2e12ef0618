/** The CV of a hire: a shortcoming of it is said, but never stops a hire. */
import { createHash } from 'node:crypto'

import { afterEach, describe, expect, it } from 'vitest'

import type { ApplicationSeed, FaultRule } from '../../sandbox/index.ts'
import { replayEvent, type RunView } from '../../src/operator/operate.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const email = 'ada@example.com'
const mebibyte = 1024 * 1024

async function settledRun(): Promise<RunView> {
  const [run] = await world.settled(1)
  return run!
}

function warningsOf({ result }: RunView) {
  const { warnings } = result as { warnings: readonly { code: string; message: string }[] }
  return warnings
}

describe('a hire without a CV', () => {
  it('is done, without a warning (case 44)', async () => {
    world = await openWorld()
    await world.hire({ email, cv: null })
    expect(await settledRun()).toMatchObject({ state: 'done', result: { did: 'created', warnings: [] } })
    expectExactly(world, 1, { documents: 0 })
    expect(world.sandbox.calls.list({ system: 'files' })).toEqual([])
  })
})

interface CvCase {
  readonly cv: ApplicationSeed['cv']
  readonly code: string
  readonly says: RegExp
  readonly hibob?: Readonly<Record<string, unknown>>
  readonly fault?: FaultRule
  /** How often HiBob was asked to take it. */
  readonly uploads: number
}

const cvCases: Readonly<Record<string, CvCase>> = {
  'is larger than the limit (case 46)': {
    cv: { sizeBytes: 5 * mebibyte + 1 },
    code: 'hibob.cv_too_large',
    says: /larger than 5242880 bytes/,
    uploads: 0,
  },
  'is larger than the limit of a custom folder': {
    cv: { sizeBytes: mebibyte + 1 },
    hibob: { documents: '1047099' },
    code: 'hibob.cv_too_large',
    says: /larger than 1048576 bytes/,
    uploads: 0,
  },
  'is larger than HiBob takes, although the settings allow it (case 50)': {
    cv: { sizeBytes: 5 * mebibyte + 2000 },
    hibob: { maxCvBytes: 10 * mebibyte },
    code: 'hibob.cv_refused',
    says: /HiBob refused the CV \(413\)/,
    uploads: 1,
  },
  'is refused by HiBob for its kind': {
    cv: {},
    fault: { system: 'hibob', operation: 'docs.upload', effect: { status: 415 }, times: 'always' },
    code: 'hibob.cv_refused',
    says: /HiBob refused the CV \(415\)/,
    uploads: 1,
  },
  'is neither PDF nor Word': {
    cv: { filename: 'cv.odt', contexts: ['cv'] },
    code: 'hibob.cv_wrong_kind',
    says: /neither PDF nor Word/,
    uploads: 0,
  },
  'is a web page (case 45)': {
    cv: {},
    fault: { system: 'files', operation: 'files.get', effect: { html: true }, times: 'always' },
    code: 'hibob.cv_not_a_file',
    says: /a web page instead of a file/,
    uploads: 0,
  },
  'is an empty file (case 45)': {
    cv: new Uint8Array(),
    code: 'hibob.cv_empty',
    says: /an empty file/,
    uploads: 0,
  },
}

describe('a hire is done with one warning, as an employee with a comment and no CV,', () => {
  it.each(Object.entries(cvCases))('when the CV %s', async (_name, given) => {
    world = await openWorld({ hibob: { ...given.hibob } })
    if (given.fault) world.sandbox.faults.add(given.fault)
    await world.hire({ email, cv: given.cv })

    const run = await settledRun()
    expect(run).toMatchObject({ state: 'done', attempt: 1, result: { did: 'created', how: 'created' } })
    expect(warningsOf(run)).toEqual([
      { code: given.code, message: expect.stringMatching(given.says) as string },
    ])
    expect(JSON.stringify(run)).not.toMatch(/cv\.odt|cv\.pdf|pinpoint-files|@/)
    expectExactly(world, 1, { documents: 0 })
    expect(world.sandbox.calls.count('hibob', 'docs.upload')).toBe(given.uploads)
  })
})

describe('a CV that could not be used', () => {
  it('is uploaded by a replay once a better one is on the application: to the same employee, without a second comment', async () => {
    world = await openWorld()
    const application = await world.hire({ email, cv: { filename: 'cv.odt', contexts: ['cv'] } })
    const first = await settledRun()
    world.sandbox.pinpoint.changeApplication(application, { cv: {} })
    await replayEvent(world.store.runs, first.event, { event: () => ['hibob'] })

    const [again] = await world.settled(2)
    expect(again).toMatchObject({ state: 'done', result: { did: 'found', warnings: [] } })
    expectExactly(world, 1)
    const bytes = world.sandbox.pinpoint.cvBytes(application)!
    expect(world.sandbox.hibob.documents()).toMatchObject([
      { sha256: createHash('sha256').update(bytes).digest('hex') },
    ])
  })

  it('is a Word file where Pinpoint has made no PDF of it: that is taken (case 43)', async () => {
    world = await openWorld()
    await world.hire({ email, cv: { filename: 'cv.docx', contexts: ['cv'] } })
    expect(await settledRun()).toMatchObject({ state: 'done', result: { warnings: [] } })
    expectExactly(world, 1)
    expect(world.sandbox.hibob.documents()[0]?.name).toMatch(/\.docx$/)
  })
})
