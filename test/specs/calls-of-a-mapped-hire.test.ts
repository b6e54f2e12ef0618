/** Thirty mapped fields cost hardly more calls than the eight that every hire has. Rows of tables are apart: each has calls of its own. */
import { afterEach, describe, expect, it } from 'vitest'

import { companySeed } from '../../sandbox/hibob/seed.ts'
import type { Json } from '../../src/sdk/index.ts'
import { callsDuring } from '../support/calls-during.ts'
import { everyTarget, managerAttribute, sentWithCreate, usualCompany } from '../support/every-target.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

/** What comes along with an application only where it is asked for. */
const onRequest = [
  ...['job.division', 'job.hiringManager.firstName', 'job.hiringManager.lastName', 'offer.manager.lastName'],
  ...['job.custom["Floor"]', 'offer.custom["Bonus"]', 'candidate.custom["Motto"]'],
]
const added = onRequest.map((source, at) => ({
  ...{ id: `about.custom.field_${2000 + at}`, name: source },
  ...{ category: 'about', categoryDisplayName: 'About' },
}))
const company = companySeed.parse({ ...usualCompany, fields: [...usualCompany.fields, ...added] })
const thirty = {
  ...everyTarget(company),
  ...Object.fromEntries(added.map(({ id, name }) => [id, name])),
}

const person = (firstName: string, email: string) => ({ firstName, lastName: 'Example', email })

async function openHires(mapping?: Readonly<Record<string, Json>>) {
  world = await openWorld({ connection: mapping === undefined ? {} : { mapping } })
  const { hibob } = world.sandbox
  hibob.configure('acme', company)
  hibob.addEmployee({ email: 'grace@corp.example', firstName: 'Grace' })
  let hires = 0
  /** By the system called, tables apart. */
  return async () => {
    const calls = await callsDuring(world, async () => {
      const startOn = '2027-02-01'
      await world.hire({
        ...{ firstName: 'Ada', email: `ada.${++hires}@example.com` },
        job: {
          ...{ division: 'North', customAttributes: { Floor: '3' } },
          hiringManager: person('Grace', 'grace@corp.example'),
        },
        offers: [
          { startOn, manager: person('Alan', 'alan@corp.example'), customAttributes: { Bonus: 'yes' } },
        ],
        customAttributes: { [managerAttribute]: 'grace@corp.example' },
        candidateAttributes: { Motto: 'Onwards' },
        onboardingStartAt: `${startOn}T09:00:00Z`,
      })
      expect(await world.settled(hires)).toMatchObject([
        { state: 'done' },
        ...Array<object>(hires - 1).fill({}),
      ])
    })
    expectExactly(world, hires)
    const isOfTable = (name: string) => /^hibob (salaries|employment|work)\./.test(name)
    const of = (system: string) =>
      Object.entries(calls)
        .filter(([name]) => name.startsWith(`${system} `) && !isOfTable(name))
        .reduce((sum, [, count]) => sum + count, 0)
    return { hibob: of('hibob'), pinpoint: of('pinpoint'), files: of('files') }
  }
}

describe('A hire with thirty mapped fields costs', () => {
  it('at most two calls more at HiBob than one with eight, and none more at Pinpoint', async () => {
    expect(new Set([...sentWithCreate, ...Object.keys(thirty)]).size).toBeGreaterThanOrEqual(30)
    const usualHire = await openHires()
    const usual = [await usualHire(), await usualHire()] as const
    await world.close()

    const mappedHire = await openHires(thirty)
    for (const [at, { hibob, ...others }] of usual.entries()) {
      const mapped = await mappedHire()
      expect(mapped.hibob, `hire ${at + 1}`).toBeLessThanOrEqual(hibob + 2)
      expect(mapped).toMatchObject(others)
    }
    const { result } = (await world.settled(2))[0] ?? {}
    expect(result).toMatchObject({ warnings: [] })
  })

  it('one more at Pinpoint where the onboarding is mapped and does not come along, which is remembered', async () => {
    const hire = await openHires({ ...thirty, 'about.custom.field_2000': 'onboarding.startAt' })
    world.sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: ['onboarding_application'] })
    const first = await hire()
    const second = await hire()
    expect([first.pinpoint, second.pinpoint]).toEqual([3, 2])
  })
})
