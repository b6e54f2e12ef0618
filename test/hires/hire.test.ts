import { expect, it } from 'vitest'

import { seenHire } from '../../src/hires/hire.ts'
import { hireOf } from '../integrations/a-hire.ts'

const now = new Date(0)

it('who was hired is their name, address and job, and all the names that they are found by', () => {
  const hire = hireOf({ firstName: 'Zoë', middleName: 'Ann Marie', preferredName: 'Zo', lastName: 'Example' })
  expect(seenHire(hire, now)).toEqual({
    details: { name: 'Zoë Example', email: 'ada@example.com', jobTitle: 'Engineer' },
    nameParts: ['ZOE', 'ANN', 'MARIE', 'EXAMPLE', 'ZO'],
    readAt: now,
  })
})

it('nobody is kept whom Pinpoint conceals, or does not name', () => {
  expect(seenHire(hireOf({ concealed: true }), now)).toBeUndefined()
  const nameless = { firstName: undefined, lastName: undefined }
  expect(seenHire(hireOf({ ...nameless, email: undefined }), now)).toBeUndefined()
  expect(seenHire(hireOf({ ...nameless, job: undefined }), now)?.details).toEqual({
    name: null,
    email: 'ada@example.com',
    jobTitle: null,
  })
})
