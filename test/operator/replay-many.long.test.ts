import { afterEach, describe, expect, it } from 'vitest'

import { waitInVain } from '../support/age.ts'
import { runCommand } from '../support/command-line.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const command = (...line: readonly string[]) => runCommand([...line, '--json'], world.env)
const replay = (...more: readonly string[]) => command('replay', '--tenant', 'acme', '--since', '1d', ...more)
const runs = () => world.store.runs.listRuns({ limit: 1000 })

interface Started {
  readonly id: string
}

async function hires(count: number, seed: Parameters<World['hire']>[0] = {}): Promise<void> {
  for (let index = 0; index < count; index++) await world.hire(seed)
}

describe('replay of many', () => {
  it('shows a preview and wants --yes, then runs all again and makes nothing twice', async () => {
    world = await openWorld()
    await hires(5)
    await world.settled(5)
    expect(await replay()).toMatchObject({
      code: 0,
      json: { started: false, wouldStart: 5, preview: { nothingToDo: 5, wouldMake: {} } },
    })
    expect(await runs()).toHaveLength(5)

    const { code, json } = await replay('--rate', '3600/m', '--yes')
    expect(code).toBe(0)
    expect(json).toMatchObject({ started: true, total: 5, perHour: 216_000 })
    const all = await world.settled(10)
    const again = all.filter(({ replay: id }) => id === (json as Started).id)
    expect(again.map(({ state, result }) => [state, result?.['did']])).toEqual(
      Array(5).fill(['done', 'found']),
    )
    expectExactly(world, 5)
  }, 60_000)

  it('chooses by state, and resumes those that are parked instead of starting a second run', async () => {
    world = await openWorld()
    await hires(2)
    await hires(1, { startOn: null })
    await hires(1, { stage: 'offer' })
    await waitInVain(world)
    await world.settled(4)
    expect(await replay('--state', 'refused', '--yes')).toMatchObject({ json: { total: 1 } })
    await world.settled(5)

    for (const { id, startOn, offers } of world.sandbox.pinpoint.applications()) {
      if (startOn === null && offers.length === 0)
        world.sandbox.pinpoint.changeApplication(id, { startOn: '2027-05-03' })
    }
    expect(await replay('--state', 'parked', '--yes')).toMatchObject({ json: { total: 1 } })
    const all = await world.settled(5)
    expect(all.map(({ state }) => state).sort()).toEqual(['done', 'done', 'done', 'refused', 'refused'])
    expect(await replay('--state', 'parked', '--yes')).toMatchObject({
      code: 0,
      json: { started: false, wouldStart: 0 },
    })
    expectExactly(world, 3)
  }, 60_000)

  it('starts one after the other at the chosen rate, behind fresh hires, without the command that asked for it', async () => {
    world = await openWorld()
    await hires(4)
    await world.settled(4)
    const { json } = await replay('--rate', '60/m', '--yes')
    const started = (await runs()).filter((run) => run.replay === (json as Started).id && run.nextAt !== null)
    const times = started.map(({ nextAt }) => Date.parse(nextAt ?? '')).sort()
    expect(times.length).toBeGreaterThanOrEqual(3)
    for (const [index, time] of times.slice(1).entries())
      expect(time - (times[index] ?? 0)).toBeCloseTo(1000, -1)
    const { rows } = await world.store.database.pool.query<{ priority: number }>(
      `select priority from pgboss.job where data ->> 'run' = any ($1)`,
      [started.map(({ id }) => id)],
    )
    expect(rows.map(({ priority }) => priority)).toEqual(started.map(() => -10))
    expect((await world.settled(8)).every(({ state }) => state === 'done')).toBe(true)
    expectExactly(world, 4)
  }, 60_000)

  it('is cancelled as a whole: new runs end, resumed ones are parked as they were', async () => {
    world = await openWorld()
    await hires(3)
    await hires(2, { startOn: null })
    await world.settled(5)
    const { json } = await replay('--rate', '1/h', '--yes')
    const { id } = json as Started
    expect(await command('runs', 'list', '--replay', id)).toMatchObject({ json: { length: 5 } })
    // The first of them starts at once.
    await expect
      .poll(async () => (await runs()).filter((run) => run.replay === id && run.state === 'done').length, {
        timeout: 10_000,
      })
      .toBe(1)
    expect(await command('runs', 'cancel', '--replay', id)).toMatchObject({
      code: 0,
      json: { cancelled: 2, parkedAgain: 2, runs: { done: 1, cancelled: 2, parked: 2 } },
    })
    const parked = (await runs()).filter(({ state }) => state === 'parked')
    expect(parked.map(({ code }) => code)).toEqual(['hibob.hire_incomplete', 'hibob.hire_incomplete'])
    expect(parked.every(({ fix }) => fix?.includes('start date'))).toBe(true)
    expect(await command('runs', 'cancel', '--replay', id)).toMatchObject({
      json: { cancelled: 0, parkedAgain: 0 },
    })
    expect((await world.settled(8)).length).toBe(8)
    expectExactly(world, 3)
  }, 60_000)

  it('asked for twice at the same moment starts each event once', async () => {
    world = await openWorld()
    await hires(6)
    await world.settled(6)
    const both = await Promise.all([replay('--yes', '--rate', '1/h'), replay('--yes', '--rate', '1/h')])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(await runs()).toHaveLength(12)
  }, 60_000)

  it.each([
    [
      'a tenant that is not there',
      ['replay', '--tenant', 'nobody', '--since', '1d', '--yes'],
      1,
      'tenants.unknown_tenant',
    ],
    ['no event and no tenant', ['replay', '--yes'], 64, 'cli.no_tenant'],
    ['an event and a tenant', ['replay', 'evt_1', '--tenant', 'acme'], 64, 'cli.choice_twice'],
    ['an unknown event', ['replay', 'evt_1'], 1, 'runs.unknown_event'],
    [
      'a rate of none',
      ['replay', '--tenant', 'acme', '--since', '1d', '--rate', '0/m', '--yes'],
      64,
      'cli.rate_invalid',
    ],
    ['an unknown replay', ['runs', 'cancel', '--replay', 'rpl_1'], 1, 'runs.unknown_replay'],
    ['nothing to cancel', ['runs', 'cancel'], 64, 'cli.nothing_named'],
    ['two things to cancel', ['runs', 'cancel', 'run_1', '--replay', 'rpl_1'], 64, 'cli.choice_twice'],
  ] as const)('refuses %s', async (...[_, line, code, failure]) => {
    world = await openWorld({ service: false })
    expect(await command(...line)).toMatchObject({ code, json: { error: { code: failure } } })
  })

  it('of nothing starts nothing, with and without --yes', async () => {
    world = await openWorld({ service: false })
    for (const more of [[], ['--yes']]) {
      expect(await replay(...more)).toMatchObject({ code: 0, json: { started: false, wouldStart: 0 } })
    }
    const { rows } = await world.store.database.pool.query('select from replays')
    expect(rows).toHaveLength(0)
  })
})
