/** What a preflight says about a job is what happens to a hire on it: the two ask the same functions. */
import { afterAll, beforeAll, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { integrations } from '../../src/integrations/registry.ts'
import { unlimited } from '../../src/outbound/call-interceptor.ts'
import { createOutbound } from '../../src/outbound/outbound.ts'
import { preflight } from '../../src/tenants/preflight.ts'
import { openWorld, type World } from '../support/world.ts'

const outbound = createOutbound({ allowPrivateNetwork: true, clock: systemClock })
const openHttp = outbound.openHttp(unlimited, { readOnly: true })

let world: World
beforeAll(async () => {
  const sites = { Leeds: 'london (demo)', Paris: 'Paris' }
  world = await openWorld({ hibob: { site: undefined, sites } })
})
afterAll(async () => {
  await world.close()
  await outbound.close()
})

const jobs = {
  'as HiBob spells everything': {},
  'at a mapped location, spelled otherwise': { location: 'LEEDS' },
  'at a location that is mapped to a site that HiBob does not have': { location: 'Paris' },
  'at a location that HiBob does not have': { location: 'Bergen' },
  'without a location': { location: null },
  'with an unknown title': { title: 'Baker' },
  'with an unknown department': { department: 'Bakery' },
  'without a department': { department: null },
  'that is confidential': { visibility: 'confidential' as const },
}

async function foretold(id: string) {
  const connection = await world.store.connections.open('acme', 'hibob')
  const report = await preflight({ integrations, openHttp }, connection!, { madeRecord: undefined })
  const found = report?.jobs.find((job) => job.id === id)?.findings ?? []
  const parks = found.filter(({ would }) => would === 'park')
  return parks.length > 0
    ? { state: 'parked', reasons: parks.map(({ what }) => what) }
    : { state: 'done', warnings: found.map(({ what }) => what.toLowerCase()) }
}

async function happened(job: { readonly id: string }) {
  const application = await world.hire({ job, offers: [{ result: 'accepted', startOn: '2027-01-04' }] })
  const runs = await world.settled(1)
  const { state, result } = runs.find(({ subject }) => subject === application)!
  const warnings = JSON.stringify(result?.['warnings'] ?? [])
  return state === 'parked'
    ? { state, reasons: ['Site'] }
    : { state, warnings: ['title', 'department'].filter((what) => warnings.includes(`${what}_left_out`)) }
}

it.each(Object.entries(jobs))('a hire on a job %s', async (name, look) => {
  const id = String(1 + Object.keys(jobs).indexOf(name))
  const seed = { id, ...look }
  world.sandbox.pinpoint.addJob(seed)
  const said = await foretold(id)
  expect(await happened(seed)).toEqual(said)
})

it('sees that HiBob does not show an employee whom the connection has made', async () => {
  const hidden = world.sandbox.hibob.addEmployee({ email: 'hidden@example.com', outOfScope: true })
  const connection = await world.store.connections.open('acme', 'hibob')
  const report = await preflight({ integrations, openHttp }, connection!, { madeRecord: hidden.id })
  const [fields] = report!.general.filter(({ what }) => what === 'Fields of employees')
  expect(fields).toMatchObject({ ok: false, because: expect.stringContaining('Lifecycle status') as string })
})
