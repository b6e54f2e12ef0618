/** A run that is parked goes on by itself once what it was parked for is mended, and not before. */
import { afterEach, describe, expect, it } from 'vitest'

import { type ApplicationSeed } from '../../sandbox/index.ts'
import type { RunView } from '../../src/operator/operate.ts'
import { letAQuarterPass } from '../support/age.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, signingSecret, type World, type WorldOptions } from '../support/world.ts'
import { checkedAt, lookNow } from './recheck-now.ts'

let world: World
afterEach(() => world.close())

const noDate: ApplicationSeed = { startOn: null, offers: [{ result: 'accepted', startOn: null }] }

async function parked(seed: ApplicationSeed, options: WorldOptions = {}) {
  world = await openWorld(options)
  const application = await world.hire(seed)
  const [run] = await world.settled(1)
  expect(run).toMatchObject({ state: 'parked' })
  return { application, run: run! }
}

const inState = (id: string, state: RunView['state']) =>
  until(`run ${id} to be ${state}`, async () => {
    const shown = await world.store.runs.showRun(id)
    return shown?.run.state === state && shown
  })

const about = (name: string, application: string, at = 1_800_000_000) =>
  JSON.stringify({ event: name, triggeredAt: at, data: { application: { id: Number(application) } } })

interface Mended {
  readonly seed: ApplicationSeed
  readonly options?: WorldOptions
  readonly mend: (sandbox: World['sandbox'], application: string) => void
}

const byTheRecord: Readonly<Record<string, Mended>> = {
  'the start date is set on the application': {
    seed: noDate,
    mend: ({ pinpoint }, id) => pinpoint.changeApplication(id, { startOn: '2027-01-04' }),
  },
  'the accepted offer gets its start date': {
    seed: noDate,
    mend: ({ pinpoint }, id) =>
      pinpoint.changeApplication(id, { offers: [{ result: 'accepted', startOn: '2027-01-04' }] }),
  },
  'the candidate is revealed': {
    seed: { concealed: true },
    mend: ({ pinpoint }, id) => pinpoint.changeApplication(id, { concealed: false }),
  },
  'the location of the job is corrected': {
    seed: { job: { id: '7', location: 'Leeds' } },
    options: { hibob: { site: undefined } },
    mend: ({ pinpoint }, id) =>
      pinpoint.changeApplication(id, { job: { id: '7', location: 'London (Demo)' } }),
  },
}

describe('a parked run goes on by itself', () => {
  it.each(Object.entries(byTheRecord))('when %s', async (_, { seed, options, mend }) => {
    const { application, run } = await parked(seed, options)
    mend(world.sandbox, application)
    await lookNow(world)
    const done = await inState(run.id, 'done')
    expect(done.timeline.map(({ text }) => text)).toContain('the application has changed in Pinpoint')
    expectExactly(world, 1)
  })

  it('when the site that it needs is added in HiBob', async () => {
    const { run } = await parked({ job: { location: 'Leeds' } }, { hibob: { site: undefined } })
    expect(run).toMatchObject({ code: 'hibob.site_unknown', resumesOn: 'connection' })
    world.sandbox.hibob.addCompany({ name: 'acme', sites: ['London (Demo)', 'Leeds'] })
    await lookNow(world)
    await inState(run.id, 'done')
    expectExactly(world, 1)
  })

  it('when the settings of its connection change, as before', async () => {
    const { run } = await parked({ job: { location: 'Leeds' } }, { hibob: { site: undefined } })
    await world.apply({ hibob: { sites: { Leeds: 'London (Demo)' } } })
    await inState(run.id, 'done')
  })

  it('when an event says that something about its application happened, whatever that event is called', async () => {
    const { application, run } = await parked(noDate)
    world.sandbox.pinpoint.changeApplication(application, { startOn: '2027-01-04' })
    expect((await world.send(about('offer_updated', application))).status).toBe(200)
    await inState(run.id, 'done')
    expectExactly(world, 1)
  })

  it('and ends refused when the application is gone or no longer hired', async () => {
    const { application, run } = await parked(noDate)
    world.sandbox.pinpoint.changeApplication(application, { stage: 'offer' })
    await letAQuarterPass(world)
    await lookNow(world)
    expect((await inState(run.id, 'refused')).run.code).toBe('pinpoint.not_hired')
  })
})

describe('a parked run stays parked', () => {
  it('while nothing that it could be about has changed, and says when it was and will be looked at', async () => {
    const { application, run } = await parked(noDate)
    world.sandbox.pinpoint.addComment(application, 'Nice talk.')
    // Moves `updated_at` and nothing else.
    world.sandbox.pinpoint.changeApplication(application, {})
    await lookNow(world)
    const recheck = await checkedAt(world, run.id, 1)
    expect(recheck).toMatchObject({ what: 'record', times: 1, code: null })
    expect(Date.parse(recheck.nextAt)).toBeGreaterThan(Date.now() + 60_000)
    expect((await world.store.runs.showRun(run.id))?.run).toMatchObject({ state: 'parked', attempt: 1 })
  })

  it('when an event is about another application', async () => {
    const { application, run } = await parked(noDate)
    world.sandbox.pinpoint.changeApplication(application, { startOn: '2027-01-04' })
    await world.send(about('application_updated', '1'))
    await world.send(about('application_updated', application), {
      signature: 'A'.repeat(43) + '=',
    })
    const shown = await world.store.runs.showRun(run.id)
    expect(shown).toMatchObject({ run: { state: 'parked' }, rechecks: [{ times: 0, checkedAt: null }] })
  })

  it('while Pinpoint cannot be read, says so, and goes on when it can', async () => {
    const { application, run } = await parked(noDate)
    world.sandbox.pinpoint.changeApplication(application, { startOn: '2027-01-04' })
    const fault = world.sandbox.faults.add({
      system: 'pinpoint',
      operation: 'applications.get',
      every: 1,
      effect: { status: 500 },
    })
    await lookNow(world)
    expect(await checkedAt(world, run.id, 1)).toMatchObject({ code: 'pinpoint.unavailable' })
    world.sandbox.faults.remove(fault.id)
    await lookNow(world)
    await inState(run.id, 'done')
  })

  it('when only somebody’s decision can lift it: nothing is asked for it', async () => {
    world = await openWorld()
    world.sandbox.hibob.addEmployee({ email: 'ada@example.com', status: 'Inactive' })
    await world.hire({ email: 'ada@example.com' })
    const [run] = await world.settled(1)
    const shown = await world.store.runs.showRun(run!.id)
    expect(shown).toMatchObject({ run: { state: 'parked', resumesOn: 'person' }, rechecks: [] })
  })
})

describe('a comment about what is missing', () => {
  const comments = (application: string) =>
    world.sandbox.pinpoint.comments(application).map(({ bodyText }) => bodyText)

  it('is made once when the connection wants it, without anything personal, however often the run parks', async () => {
    const { application, run } = await parked(noDate, { connection: { commentWhenParked: true } })
    for (const [again, phone] of ['+15555550101', '+15555550102'].entries()) {
      world.sandbox.pinpoint.changeApplication(application, { phone })
      await lookNow(world)
      await until('the run to park again', async () => {
        const shown = await world.store.runs.showRun(run.id)
        return shown?.run.state === 'parked' && shown.run.attempt === again + 2
      })
    }
    const [only, ...more] = comments(application)
    expect(more).toEqual([])
    expect(only).toMatch(
      /is missing a field that HiBob requires: start date.*\(hibob: hibob\.hire_incomplete\)$/,
    )
    const { firstName, lastName, email } = world.sandbox.pinpoint.application(application)!
    for (const personal of [firstName, lastName, email]) expect(only).not.toContain(personal)

    world.sandbox.pinpoint.changeApplication(application, { startOn: '2027-01-04' })
    await lookNow(world)
    await inState(run.id, 'done')
    expectExactly(world, 1, { comments: 2 })
  })

  it('is not made unless the connection says so', async () => {
    const { application } = await parked(noDate)
    expect(comments(application)).toEqual([])
  })

  it('that cannot be made does not keep the run from being parked and lifted', async () => {
    world = await openWorld({ connection: { commentWhenParked: true } })
    world.sandbox.faults.add({ system: 'pinpoint', operation: 'comments.create', effect: { status: 500 } })
    const application = await world.hire(noDate)
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ state: 'parked', code: 'hibob.hire_incomplete' })
    world.sandbox.pinpoint.changeApplication(application, { startOn: '2027-01-04' })
    await lookNow(world)
    await inState(run!.id, 'done')
  })
})

it('leaves no personal data in what it remembers of an application', async () => {
  const { application } = await parked(noDate)
  const { rows } = await world.store.database.pool.query('select rechecks::text as text from rechecks')
  const { firstName, lastName, email } = world.sandbox.pinpoint.application(application)!
  for (const secret of [firstName, lastName, email, signingSecret]) {
    expect(JSON.stringify(rows)).not.toContain(secret)
  }
  expect(rows).toHaveLength(1)
})
