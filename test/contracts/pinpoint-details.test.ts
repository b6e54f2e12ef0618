/** What the Pinpoint client asks for beyond what every hire needs, against the sandbox. */
import { describe, expect, it } from 'vitest'

import { details, type Extra } from '../../src/pinpoint/read-hire.ts'
import { openSandbox } from '../sandbox/open.ts'
import { pinpointOf } from './open-clients.ts'

describe('The Pinpoint client', () => {
  const jobAndOffer = {
    job: {
      division: 'Research',
      hiringManager: { firstName: 'Grace', lastName: 'Example', email: 'grace@example.com' },
      customAttributes: { 'Cost centre': '4711' },
    },
    offers: [{ manager: { firstName: 'Alan', lastName: 'Example', email: 'alan@example.com' } }],
  }
  const jobShown = {
    division: 'Research',
    hiringManager: { email: 'grace@example.com' },
    customAttributes: { 'Cost centre': '4711' },
  }
  const allExtras = ['job', 'comments', ...details] as const

  it('reads details of the job, the offer, the onboarding and the candidate in the same call, when asked for', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication({
      ...jobAndOffer,
      onboardingStartAt: '2027-01-04T09:00:00+01:00',
      onboardingAnswers: { Diet: 'None' },
      candidateAttributes: { Badge: 'yes' },
    })
    const { application } = await pinpointOf(sandbox.pinpointUrl).hire(id, { extras: allExtras })
    expect(application).toMatchObject({
      job: jobShown,
      offers: [{ manager: { email: 'alan@example.com' } }],
      onboarding: { startAt: '2027-01-04T09:00:00+01:00', answers: { Diet: 'None' } },
      candidateAttributes: { Badge: 'yes' },
    })
    expect(sandbox.calls.list()).toHaveLength(1)
  })

  it('leaves out exactly the details that Pinpoint refuses, and says which', async () => {
    const sandbox = await openSandbox()
    const refusedIncludes = ['job.hiring_manager_user', 'onboarding_application'] as const
    sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: [...refusedIncludes] })
    const { id } = sandbox.pinpoint.addApplication({ ...jobAndOffer, candidateAttributes: { Badge: 'yes' } })
    const told: Extra[] = []
    const onRefused = async (refused: readonly Extra[]) => void told.push(...refused)
    const read = await pinpointOf(sandbox.pinpointUrl).hire(id, { extras: allExtras, onRefused })
    expect(told).toEqual(['hiring_manager', 'onboarding', 'onboarding_answers'])
    expect(read).toMatchObject({
      application: { job: { ...jobShown, hiringManager: undefined }, candidateAttributes: { Badge: 'yes' } },
      comments: [],
    })
  })

  it('reads details of the job with the job, where that does not come along', async () => {
    const sandbox = await openSandbox()
    sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: ['job'] })
    const { id } = sandbox.pinpoint.addApplication(jobAndOffer)
    const told: Extra[] = []
    const onRefused = async (refused: readonly Extra[]) => void told.push(...refused)
    const extras = ['job', 'comments', 'division', 'hiring_manager', 'job_attributes'] as const
    const { application } = await pinpointOf(sandbox.pinpointUrl).hire(id, { extras, onRefused })
    expect([told, application]).toMatchObject([['job'], { job: jobShown }])
  })

  it('reads the names of the fields that the customer has added, unless the key may not', async () => {
    const sandbox = await openSandbox()
    const customFields = [
      { name: 'T-shirt size', resourceType: 'application' },
      { name: 'Badge', resourceType: 'JobSeeker' },
    ]
    sandbox.pinpoint.addTenant({ subdomain: 'acme', customFields })
    const pinpoint = pinpointOf(sandbox.pinpointUrl)
    expect(await pinpoint.customFields()).toMatchObject([
      { name: 'T-shirt size', of: 'application' },
      { name: 'Badge', of: 'candidate' },
    ])
    sandbox.faults.add({ system: 'pinpoint', operation: 'custom_fields.list', effect: { status: 403 } })
    expect(await pinpoint.customFields()).toBeUndefined()
  })
})
