/** The Pinpoint client against the sandbox. */
import { describe, expect, it } from 'vitest'

import { openPinpoint } from '../../src/pinpoint/client.ts'
import type { Extra } from '../../src/pinpoint/read-hire.ts'
import { failureOf, json, serve } from '../outbound/little-server.ts'
import { openSandbox } from '../sandbox/open.ts'
import { openHttp, pinpointOf } from './open-clients.ts'

describe('The Pinpoint client', () => {
  it('reads a hire with its job, location, department, offers and CV', async () => {
    const sandbox = await openSandbox()
    const { id, job } = sandbox.pinpoint.addApplication({
      firstName: 'Ada',
      lastName: 'Example',
      email: 'ada@example.com',
      startOn: '2027-03-01',
      offers: [{ result: 'accepted', startOn: '2027-02-01', jobTitle: 'Lead' }],
      job: { title: 'Engineer', location: 'Springfield', department: 'Engineering' },
      customAttributes: { Colour: 'Maroon' },
    })
    expect((await pinpointOf(sandbox.pinpointUrl).hire(id)).application).toMatchObject({
      id,
      firstName: 'Ada',
      lastName: 'Example',
      email: 'ada@example.com',
      startOn: '2027-03-01',
      stageType: 'hired',
      concealed: false,
      jobId: job.id,
      offers: [{ result: 'accepted', startOn: '2027-02-01', jobTitle: 'Lead' }],
      customAttributes: { Colour: 'Maroon' },
      attachments: [{ context: 'cv' }, { context: 'pdf_cv', filename: 'cv.pdf' }],
      job: { id: job.id, title: 'Engineer', location: 'Springfield', department: 'Engineering' },
    })
  })

  it('reads a hire with its job and its comments in one call', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication({ job: { location: null, department: 'Engineering' } })
    const { id: comment } = sandbox.pinpoint.addComment(id, 'Welcome')
    expect(await pinpointOf(sandbox.pinpointUrl).hire(id)).toMatchObject({
      application: { job: { location: undefined, department: 'Engineering' } },
      comments: [{ id: comment, text: 'Welcome' }],
    })
    expect(sandbox.calls.list()).toHaveLength(1)
  })

  it('keeps the comments out of the application, whatever else is shown', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication()
    const plain = await pinpointOf(sandbox.pinpointUrl).hire(id)
    sandbox.pinpoint.addComment(id, 'Welcome')
    const { application } = await pinpointOf(sandbox.pinpointUrl).hire(id)
    expect(application).toEqual(plain.application)
  })

  it.each<[readonly ('job' | 'comments')[], number]>([
    [['job'], 3],
    [['comments'], 3],
    [['job', 'comments'], 5],
  ])(
    'reads it without what Pinpoint refuses to send along (%j), says so, and does not ask for it again',
    async (refusedIncludes, calls) => {
      const sandbox = await openSandbox()
      sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: [...refusedIncludes] })
      const { id } = sandbox.pinpoint.addApplication({ job: { location: 'Springfield' } })
      sandbox.pinpoint.addComment(id, 'Welcome')
      const along = refusedIncludes.includes('comments') ? undefined : [{ text: 'Welcome' }]
      const whole = { application: { job: { location: 'Springfield' } }, comments: along }
      const told: Extra[] = []
      const onRefused = async (refused: readonly Extra[]) => void told.push(...refused)

      expect(await pinpointOf(sandbox.pinpointUrl).hire(id, { onRefused })).toMatchObject(whole)
      expect(told).toEqual(refusedIncludes)
      const apart = refusedIncludes.includes('job') ? 1 : 0
      expect(sandbox.calls.list()).toHaveLength(calls)
      sandbox.calls.reset()
      const knowing = openPinpoint(openHttp(), {
        ...{ apiUrl: sandbox.pinpointUrl, apiKey: 'pinpoint-sandbox-key' },
        refusedExtras: told,
      })
      expect(await knowing.hire(id, { onRefused })).toMatchObject(whole)
      expect([told, sandbox.calls.list().length]).toEqual([refusedIncludes, 1 + apart])
    },
  )

  it('a refusal that is not about what was to come along stays what it is', async () => {
    const sandbox = await openSandbox()
    sandbox.pinpoint.addTenant({ subdomain: 'acme', enabled: false })
    const onRefused = () => Promise.reject(new Error('nothing of this is remembered'))
    expect(await failureOf(pinpointOf(sandbox.pinpointUrl).hire('1', { onRefused }))).toMatchObject({
      code: 'pinpoint.permission_missing',
    })
  })

  it('reads the job by itself when it came along without saying whether it has a location', async () => {
    const sandbox = await openSandbox()
    sandbox.pinpoint.addTenant({ subdomain: 'acme', jobAlongBare: true })
    const { id } = sandbox.pinpoint.addApplication({ job: { location: 'Springfield' } })
    expect((await pinpointOf(sandbox.pinpointUrl).hire(id)).application).toMatchObject({
      job: { location: 'Springfield' },
    })
    expect(sandbox.calls.count('pinpoint', 'jobs.get')).toBe(1)
  })

  it.each(['cut', 'left_out'] as const)('knows no comments when they are %s', async (commentsAlong) => {
    const sandbox = await openSandbox()
    sandbox.pinpoint.addTenant({ subdomain: 'acme', commentsAlong })
    const { id } = sandbox.pinpoint.addApplication()
    for (const text of ['One', 'Two']) sandbox.pinpoint.addComment(id, text)
    expect((await pinpointOf(sandbox.pinpointUrl).hire(id)).comments).toBeUndefined()
  })

  it.each([
    ['too large', 250, 'x'.repeat(10_000)],
    ['too many', 1001, 'x'],
  ])('asks once more without the comments when these are %s', async (...[_what, count, text]) => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication({ customAttributes: { Colour: 'Maroon' } })
    for (let number = 0; number < count; number++) sandbox.pinpoint.addComment(id, text)
    const read = await pinpointOf(sandbox.pinpointUrl).hire(id)
    expect(read).toMatchObject({
      application: { customAttributes: { Colour: 'Maroon' } },
      comments: undefined,
    })
    expect(read.application?.cut).toBeUndefined()
    expect(sandbox.calls.list()).toHaveLength(2)
  })

  it('sees the applications of confidential jobs', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication({
      job: { visibility: 'confidential', location: 'Springfield' },
    })
    expect((await pinpointOf(sandbox.pinpointUrl).hire(id)).application).toMatchObject({
      job: { visibility: 'confidential', location: 'Springfield' },
    })
  })

  it('says undefined of what Pinpoint does not know', async () => {
    const sandbox = await openSandbox()
    const pinpoint = pinpointOf(sandbox.pinpointUrl)
    expect([(await pinpoint.hire('404')).application, await pinpoint.job('404')]).toEqual([
      undefined,
      { refused: 404 },
    ])
  })

  it.each([400, 403, 404])(
    'reads a hire without its location and department when the job is answered %i, and says so',
    async (status) => {
      const sandbox = await openSandbox()
      sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: ['job'] })
      const { id } = sandbox.pinpoint.addApplication({ job: { title: 'Engineer', location: 'Springfield' } })
      sandbox.faults.add({ system: 'pinpoint', operation: 'jobs.get', effect: { status }, times: 'always' })
      expect((await pinpointOf(sandbox.pinpointUrl).hire(id)).application).toMatchObject({
        id,
        jobRefused: status,
        job: { title: 'Engineer', visibility: 'external', location: undefined, department: undefined },
      })
      expect(sandbox.calls.count('pinpoint', 'jobs.get')).toBe(1)
    },
  )

  it.each([
    [401, { name: 'NeedsPerson', code: 'pinpoint.credentials_refused', pausesConnection: true }],
    [429, { name: 'RetryLater', code: 'pinpoint.rate_limited', free: true }],
    [500, { name: 'RetryLater', code: 'pinpoint.unavailable' }],
    [422, { name: 'NeedsPerson', code: 'pinpoint.request_refused', pausesConnection: false }],
  ])(
    'reads no hire when the job is answered %i: that says nothing about the job',
    async (status, failure) => {
      const sandbox = await openSandbox()
      sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: ['job'] })
      const { id } = sandbox.pinpoint.addApplication()
      sandbox.faults.add({ system: 'pinpoint', operation: 'jobs.get', effect: { status } })
      expect(await failureOf(pinpointOf(sandbox.pinpointUrl).hire(id))).toMatchObject(failure)
    },
  )

  it('asks for a job plainly, and for a confidential one by name only after it is said not to exist', async () => {
    const server = await serve((response, { url = '' }) =>
      url.includes('visibility')
        ? json(response, 200, { data: { id: '7', type: 'jobs', attributes: { title: 'Engineer' } } })
        : json(response, 404, { errors: [{ code: 'not_found' }] }),
    )
    const pinpoint = pinpointOf(server.url)
    const plain = 'GET /jobs/7?include=location%2Cdepartment'
    expect(await pinpoint.job('7')).toEqual({ refused: 404 })
    expect(server.requests.map(({ line }) => line)).toEqual([plain])

    expect(await pinpoint.job('7', { confidential: true })).toMatchObject({ id: '7', title: 'Engineer' })
    const byName =
      'GET /jobs/7?filter%5Bvisibility%5D=confidential%2Cexternal%2Cinternal&include=location%2Cdepartment'
    expect(server.requests.map(({ line }) => line)).toEqual([plain, plain, byName])
  })

  it('finds the job of a confidential hire that is hidden at first', async () => {
    const sandbox = await openSandbox()
    sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: ['job'] })
    const { id } = sandbox.pinpoint.addApplication({
      job: { visibility: 'confidential', location: 'Springfield' },
    })
    sandbox.faults.add({ system: 'pinpoint', operation: 'jobs.get', effect: { status: 404 } })
    const hire = (await pinpointOf(sandbox.pinpointUrl).hire(id)).application
    expect([hire?.jobRefused, hire?.job?.location]).toEqual([undefined, 'Springfield'])
  })

  it('reads the stage and whether the application is concealed', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication({ stage: 'offer', concealed: true })
    expect(await pinpointOf(sandbox.pinpointUrl).application(id)).toMatchObject({
      stageType: 'offer',
      concealed: true,
    })
  })

  it('writes a comment and finds it again among hundreds of others', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication()
    const other = sandbox.pinpoint.addApplication()
    for (let number = 0; number < 250; number++) sandbox.pinpoint.addComment(id, `Comment ${number}`)
    sandbox.pinpoint.addComment(other.id, 'elsewhere')
    const pinpoint = pinpointOf(sandbox.pinpointUrl)

    const made = await pinpoint.comment(id, 'Record created with ID: 1')
    const comments = await Array.fromAsync(pinpoint.comments(id))

    expect(comments).toHaveLength(251)
    expect(comments.at(-1)).toEqual({ id: made.id, text: 'Record created with ID: 1' })
    expect(new Set(comments.map((comment) => comment.id)).size).toBe(251)
  })

  it.each([true, false])(
    'finds our comment, the 30th, in a list that gives 25 at most (W8; counted: %j)',
    async (countsTotals) => {
      const sandbox = await openSandbox()
      sandbox.pinpoint.addTenant({ subdomain: 'acme', mostPerPage: 25, countsTotals })
      const { id } = sandbox.pinpoint.addApplication()
      for (let number = 0; number < 29; number++) sandbox.pinpoint.addComment(id, `Comment ${number}`)
      const pinpoint = pinpointOf(sandbox.pinpointUrl)
      const made = await pinpoint.comment(id, 'Record created with ID: 1')
      expect((await Array.fromAsync(pinpoint.comments(id))).at(-1)).toEqual({
        id: made.id,
        text: 'Record created with ID: 1',
      })
      // One more where only an empty page is known to be the last.
      expect(sandbox.calls.count('pinpoint', 'comments.list')).toBe(countsTotals ? 2 : 3)
    },
  )

  it('asks once for the comments of an application that has none, and ends with a server that knows one page', async () => {
    const comment = { id: '1', type: 'comments', attributes: { body_text: 'x' } }
    const server = await serve((response, { url = '' }) =>
      json(response, 200, { data: url.includes('=7') ? [comment] : [] }),
    )
    const pinpoint = pinpointOf(server.url)
    expect(await Array.fromAsync(pinpoint.comments('8'))).toEqual([])
    expect(server.requests).toHaveLength(1)
    expect(await Array.fromAsync(pinpoint.comments('7'))).toEqual([{ id: '1', text: 'x' }])
    expect(server.requests).toHaveLength(3)
  })

  it('reads comments that are too large together in smaller pages, from the beginning, and keeps the beginning of each (H3)', async () => {
    const all = Array.from({ length: 250 }, (_, index) => ({
      id: String(index),
      type: 'comments',
      // The second hundred is too large.
      attributes: { body_text: String(index).padEnd(index >= 100 && index < 200 ? 100_000 : 10, 'x') },
    }))
    const server = await serve((response, { url = '' }) => {
      const query = new URL(url, 'http://pinpoint').searchParams
      const [page, size] = [Number(query.get('page[number]')), Number(query.get('page[size]'))]
      json(response, 200, { data: all.slice((page - 1) * size, page * size) })
    })
    const ids = new Set<string>()
    let longest = 0
    for await (const { id, text } of pinpointOf(server.url).comments('7')) {
      ids.add(id)
      longest = Math.max(longest, text.length)
    }
    expect([...ids]).toEqual(all.map(({ id }) => id))
    expect(longest).toBe(64 * 1024)
  })

  it('asks for an application that is too large once more without what a hire can do without (H3)', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication({ email: 'ada@example.com' })
    const whole = await fetch(`${sandbox.pinpointUrl}/applications/${id}?include=job,stage`, {
      headers: { 'x-api-key': sandbox.pinpoint.tenant('acme')?.apiKey ?? '' },
    })
    const body = (await whole.json()) as { included: object[] }
    const value = 'x'.repeat(3 * 1024 * 1024)
    const large = { type: 'custom_attributes', id: '1', attributes: { field_name: 'Essay', value } }
    const server = await serve((response, { url = '' }) => {
      if (url.startsWith('/jobs')) {
        json(response, 404, { errors: [{ status: '404', title: 'x', detail: 'x' }] })
        return
      }
      const asked = new URL(url, 'http://pinpoint').searchParams.get('include') ?? ''
      json(response, 200, asked.includes('custom') ? { ...body, included: [...body.included, large] } : body)
    })
    const found = await pinpointOf(server.url).application(id)
    expect(found).toMatchObject({
      email: 'ada@example.com',
      stageType: 'hired',
      cut: ['offers', 'custom attributes'],
    })
    expect(server.requests).toHaveLength(2)
  })

  it('reads a page of hires and of jobs that is too large in ten smaller ones, and parks where that does not help (H3)', async () => {
    const hires = Array.from({ length: 60 }, (_, index) => ({
      id: String(index),
      type: 'applications',
      attributes: {
        updated_at: `2026-01-01T00:00:${String(index).padStart(2, '0')}Z`,
        note: 'x'.repeat(50_000),
      },
    }))
    const server = await serve((response, { url = '' }) => {
      const query = new URL(url, 'http://pinpoint').searchParams
      const [page, size] = [Number(query.get('page[number]')), Number(query.get('page[size]'))]
      const meta = { stats: { total: { count: 60 } } }
      json(response, 200, { data: hires.slice((page - 1) * size, page * size), meta })
    })
    const pinpoint = pinpointOf(server.url)
    const from = { updatedAfter: new Date(0), page: 1 }
    const page = await pinpoint.hires(from, 50)
    expect(page.hires.map(({ id }) => id)).toEqual(hires.slice(0, 50).map(({ id }) => id))
    expect(page.next).toEqual({ updatedAfter: new Date('2026-01-01T00:00:48Z'), page: 1 })
    expect(await pinpoint.openJobs(1)).toMatchObject({ jobs: { length: 60 }, total: 60 })
    expect(await failureOf(pinpoint.hires(from, 500))).toMatchObject({
      name: 'NeedsPerson',
      code: 'pinpoint.answer_too_large',
    })
  })

  it('never takes a comment whose text it cannot read for another one', async () => {
    const server = await serve((response) =>
      json(response, 200, { data: [{ id: '1', type: 'comments', attributes: { body_text: {} } }] }),
    )
    expect(await failureOf(Array.fromAsync(pinpointOf(server.url).comments('7')))).toMatchObject({
      name: 'RetryLater',
      code: 'pinpoint.answer_unreadable',
    })
  })

  it.each([
    ['a bad key', 'wrong', true, 'pinpoint.credentials_refused'],
    ['the API switched off', undefined, false, 'pinpoint.permission_missing'],
  ])('%s pauses the connection', async (...[_, key, enabled, code]) => {
    const sandbox = await openSandbox()
    sandbox.pinpoint.addTenant({ subdomain: 'acme', enabled })
    expect(await failureOf(pinpointOf(sandbox.pinpointUrl, key).hire('1'))).toMatchObject({
      code,
      resumesOn: 'connection',
      pausesConnection: true,
    })
  })

  it.each([
    ['cut after it was written', { cut: 'after' }],
    ['malformed', { malformed: true }],
    ['500 although it was written', { status: 500, at: 'after' }],
  ] as const)('an answer to a comment that is %s leaves its outcome unclear', async (_, effect) => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication()
    sandbox.faults.add({ system: 'pinpoint', operation: 'comments.create', effect })
    const pinpoint = pinpointOf(sandbox.pinpointUrl)

    expect(await failureOf(pinpoint.comment(id, 'x'))).toMatchObject({
      name: 'RetryLater',
      outcome: 'unclear',
    })
    expect(await Array.fromAsync(pinpoint.comments(id))).toHaveLength(1)
  })

  it('a 429 gives the moment from which on Pinpoint may be asked again', async () => {
    const sandbox = await openSandbox()
    sandbox.faults.add({ system: 'pinpoint', effect: { rateLimit: { resetInSeconds: 7 } } })
    const failure = await failureOf(pinpointOf(sandbox.pinpointUrl).hire('1'))
    expect(failure).toMatchObject({ code: 'pinpoint.rate_limited', free: true })
    const after =
      'after' in failure && failure.after instanceof Date ? failure.after.getTime() - Date.now() : 0
    expect(after).toBeGreaterThan(5_000)
    expect(after).toBeLessThanOrEqual(7_000)
  })
})
