import { afterEach, describe, expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

describe('one hire is one employee, one CV and one comment', () => {
  it('when nothing goes wrong', async () => {
    world = await openWorld()
    const application = await world.hire({ email: 'ada@example.com' })
    const [run] = await world.settled(1)
    expect(run).toMatchObject({
      state: 'done',
      subject: application,
      result: { did: 'created', warnings: [] },
    })
    expectExactly(world, 1)
    const { employees, comments } = world.sandbox.ledger()
    expect(comments[0]?.bodyText).toBe(`Record created with ID: ${employees[0]?.id ?? ''}`)
  })

  it.each([
    [
      'the answer to create is lost (case 27)',
      { system: 'hibob', operation: 'people.create', effect: { cut: 'after' } },
    ],
    [
      'create answers 500 although it was done',
      { system: 'hibob', operation: 'people.create', effect: { status: 500, at: 'after' } },
    ],
    [
      'create answers half a JSON text (case 28)',
      { system: 'hibob', operation: 'people.create', effect: { malformed: true } },
    ],
    [
      'create answers 429',
      { system: 'hibob', operation: 'people.create', effect: { rateLimit: { resetInSeconds: 1 } } },
    ],
    [
      'search answers 429',
      { system: 'hibob', operation: 'people.search', effect: { rateLimit: { resetInSeconds: 1 } } },
    ],
    ['search answers 503', { system: 'hibob', operation: 'people.search', effect: { status: 503 } }],
    [
      'search answers 503 as often as an attempt calls it',
      { system: 'hibob', operation: 'people.search', effect: { status: 503 }, times: 3 },
    ],
    [
      'the answer to upload is lost (case 30)',
      { system: 'hibob', operation: 'docs.upload', effect: { cut: 'after' } },
    ],
    [
      'the answer to the comment is lost',
      { system: 'pinpoint', operation: 'comments.create', effect: { cut: 'after' } },
    ],
    [
      'Pinpoint answers 429',
      { system: 'pinpoint', operation: 'applications.get', effect: { rateLimit: { resetInSeconds: 1 } } },
    ],
    ['the CV breaks off', { system: 'files', operation: 'files.get', effect: { cut: 'before' } }],
  ] as const)(
    'when %s',
    async (_what, fault) => {
      // The read lag is short here, so that what cannot be seen at once need not be waited for long.
      world = await openWorld({ hibob: { readLagSeconds: 0 } })
      world.sandbox.faults.add(fault)
      await world.hire({ email: 'ada@example.com' })
      expect(await world.settled(1, 90)).toMatchObject([{ state: 'done' }])
      expect(world.sandbox.faults.list()).toMatchObject([{ fired: 'times' in fault ? fault.times : 1 }])
      expectExactly(world, 1)
    },
    120_000,
  )

  it('when the same event arrives twenty times at once (cases 11, 12)', async () => {
    world = await openWorld()
    const { id, job } = world.sandbox.pinpoint.addApplication({ email: 'ada@example.com' })
    const body = hireEvent(id, job.id)
    const answers = await Promise.all(Array.from({ length: 20 }, async () => (await world.send(body)).json()))
    expect(answers.filter((answer) => (answer as { duplicate: boolean }).duplicate)).toHaveLength(19)
    expect(await world.settled(1)).toHaveLength(1)
    expectExactly(world, 1)
  })

  it('when the same person is hired on two jobs at once: one employee, one CV, a comment on each application (case 15)', async () => {
    world = await openWorld()
    await Promise.all(
      ['Designer', 'Recruiter'].map((title) => world.hire({ email: 'ada@example.com', job: { title } })),
    )
    const runs = await world.settled(2)
    expect(runs.map(({ result }) => result?.['did']).sort()).toEqual(['created', 'found'])
    expectExactly(world, 1, { comments: 2 })
  })

  it('when it is replayed (case 11)', async () => {
    world = await openWorld()
    await world.hire({ email: 'ada@example.com' })
    const [first] = await world.settled(1)
    await world.store.runs.replay(first?.event ?? '', ['hibob'])
    expect(await world.settled(2)).toMatchObject([
      { state: 'done', result: { did: 'found' } },
      { state: 'done' },
    ])
    expectExactly(world, 1)
  })
})

describe('one hire with two integrations', () => {
  it('is done in one while the other is down, and in the other when it is up again (case 31)', async () => {
    world = await openWorld({ webhook: true })
    const down = world.sandbox.faults.add({ system: 'hibob', effect: { status: 503 }, times: 'always' })
    await world.hire({ email: 'ada@example.com' })
    const runs = () => world.store.runs.listRuns({ limit: 5 })
    await expect
      .poll(async () => (await runs()).map(({ integration, state }) => [integration, state]).sort(), {
        timeout: 10_000,
      })
      .toEqual([
        ['hibob', 'waiting'],
        ['webhook', 'done'],
      ])
    world.sandbox.faults.remove(down.id)
    expect((await world.settled(2)).every(({ state }) => state === 'done')).toBe(true)
    expectExactly(world, 1)
    expect(world.sandbox.ledger().counts.deliveries).toBe(1)
  }, 60_000)
})
