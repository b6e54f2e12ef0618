/** Where HiBob and Pinpoint did not fit: what a mapping makes of it, in one hire. */
import { afterEach, expect, it } from 'vitest'

import { usualCompany } from '../support/every-target.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const mapping = {
  'root.email': { template: '{candidate.firstName|slug}.{candidate.lastName|slug}@corp.example' },
  'work.startDate': ['offer.startOn', 'application.startOn', 'onboarding.startAt|plusDays(0)'],
  'work.title': { from: 'job.title', values: { 'Senior Engineer (m/f/d), London': 'Designer' } },
  'work.department': { from: 'job.department', values: { 'R&D – Platform': 'Platform' } },
  'work.custom.field_1652': 'application.custom["T-shirt size"]',
  'about.custom.field_1653': 'offer.custom["Motto"]',
}

it('A login of the company (F5), values of our own (F10), a CV out of sight (F12), a day of the onboarding (F13), custom fields (F14)', async () => {
  world = await openWorld({ connection: { mapping } })
  const { hibob } = world.sandbox
  const departments = [{ name: 'Engineering', children: ['Platform', 'Data'] }, 'Sales']
  hibob.configure('acme', { ...usualCompany, departments })
  await world.hire({
    ...{ firstName: 'Ada', lastName: 'Example', email: 'ada@example.com' },
    ...{ startOn: null, onboardingStartAt: '2027-02-01T09:00:00Z' },
    offers: [{ startOn: null, customAttributes: { Motto: 'Onwards' } }],
    job: { title: 'Senior Engineer (m/f/d), London', department: 'R&D – Platform' },
    customAttributes: { 'T-shirt size': 'large' },
  })
  expect(await world.settled(1)).toMatchObject([{ state: 'done', result: { did: 'created', warnings: [] } }])
  expect(hibob.employees()).toMatchObject([
    {
      ...{ email: 'ada.example@corp.example', startDate: '2027-02-01' },
      ...{ title: 'Designer', department: 'Platform' },
      extra: {
        home: { privateEmail: 'ada@example.com' },
        work: { custom: { field_1652: 'Large' } },
        about: { custom: { field_1653: 'Onwards' } },
      },
    },
  ])
  // Not the shared one, which the employee sees.
  expect(hibob.documents()).toMatchObject([{ folderId: 1047098 }])
  expectExactly(world, 1)

  // A heading is no value.
  await world.hire({ email: 'grace@example.com', job: { department: 'Engineering' } })
  const [run] = await world.settled(2)
  expect(run).toMatchObject({ state: 'done', result: { warnings: [{ code: 'hibob.department_left_out' }] } })
})
