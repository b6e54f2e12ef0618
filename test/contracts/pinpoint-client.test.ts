/** The Pinpoint client against the sandbox. */
import { describe, expect, it } from 'vitest'

import { failureOf } from '../outbound/little-server.ts'
import { openSandbox } from '../sandbox/open.ts'
import { pinpointOf } from './open-clients.ts'

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
    expect(await pinpointOf(sandbox.pinpointUrl).hire(id)).toMatchObject({
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

  it('sees the applications of confidential jobs', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication({
      job: { visibility: 'confidential', location: 'Springfield' },
    })
    expect(await pinpointOf(sandbox.pinpointUrl).hire(id)).toMatchObject({
      job: { visibility: 'confidential', location: 'Springfield' },
    })
  })

  it('says undefined of what Pinpoint does not know', async () => {
    const sandbox = await openSandbox()
    const pinpoint = pinpointOf(sandbox.pinpointUrl)
    expect([await pinpoint.hire('404'), await pinpoint.job('404')]).toEqual([undefined, undefined])
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
    const comments = await pinpoint.comments(id)

    expect(comments).toHaveLength(251)
    expect(comments.at(-1)).toEqual({ id: made.id, text: 'Record created with ID: 1' })
    expect(new Set(comments.map((comment) => comment.id)).size).toBe(251)
  })

  it.each([
    ['a bad key', 'wrong', true, 'pinpoint.credentials_refused'],
    ['the API switched off', undefined, false, 'pinpoint.permission_missing'],
  ])('%s pauses the connection', async (...[_, key, enabled, code]) => {
    const sandbox = await openSandbox()
    sandbox.pinpoint.addTenant({ subdomain: 'acme', enabled })
    expect(await failureOf(pinpointOf(sandbox.pinpointUrl, key).hire('1'))).toMatchObject({
      code,
      liftedBy: 'connection',
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
    expect(await pinpoint.comments(id)).toHaveLength(1)
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
