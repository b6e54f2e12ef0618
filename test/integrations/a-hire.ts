/** A hire that lacks nothing, with what a test changes. */
import type { HiredApplication, Offer } from '../../src/sdk/index.ts'

export function hireOf(changes: Partial<HiredApplication> = {}): HiredApplication {
  return {
    id: '9000001',
    firstName: 'Ada',
    lastName: 'Example',
    email: 'ada@example.com',
    phone: undefined,
    startOn: undefined,
    hiredAt: undefined,
    rejectedAt: undefined,
    updatedAt: undefined,
    concealed: false,
    internalCandidate: false,
    isDemo: false,
    jobId: '7',
    stageType: 'hired',
    attachments: [],
    offers: [offerOf()],
    customAttributes: {},
    job: {
      id: '7',
      title: 'Engineer',
      visibility: 'external',
      location: 'Springfield',
      department: 'Engineering',
    },
    ...changes,
  }
}

export function offerOf(changes: Partial<Offer> = {}): Offer {
  return {
    id: '1',
    result: 'accepted',
    resultAt: undefined,
    jobTitle: undefined,
    startOn: '2027-01-04',
    ...changes,
  }
}
