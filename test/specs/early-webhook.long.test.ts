/** A webhook that is faster than the API, trials with demo data, and Pinpoint's sample event. */
import { afterEach, describe, expect, it } from 'vitest'

import { hireEvent, sampleEvent } from '../../sandbox/index.ts'
import type { RunView } from '../../src/operator/operate.ts'
import { letAQuarterPass, waitInVain } from '../support/age.ts'
import { runCommand } from '../support/command-line.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const inState = (state: RunView['state'], count = 1) =>
  until(`${count} runs to be ${state}`, async () => {
    const runs = await world.store.runs.listRuns({ states: [state], limit: 10 })
    return runs.length === count && runs
  })
const timeline = async (id: string) =>
  ((await world.store.runs.showRun(id))?.timeline ?? []).map(({ kind, text }) => `${kind} ${text}`)

describe('An API that is behind its webhook', () => {
  it.each([
    ['still shows the old stage', { as: 'offer' as const, reads: 2 }],
    ['does not know the application yet', { as: 'absent' as const, reads: 1 }],
  ])(
    '%s: the hire is made a little later, and costs no attempt (W1)',
    async (_, late) => {
      world = await openWorld()
      await world.hire({ late })
      const [run] = await world.settled(1)
      expect(run).toMatchObject({ state: 'done', attempt: 1, result: { did: 'created' } })
      expectExactly(world, 1)
      const waits = (await timeline(run!.id)).filter((line) => line.includes('The run reads it again until'))
      expect(waits).toHaveLength(late.reads)
    },
    60_000,
  )

  it('hides a hire from two integrations: both go on, each for itself (W1)', async () => {
    world = await openWorld({ webhook: true })
    await world.hire({ late: { reads: 2 } })
    expect((await world.settled(2)).map(({ state }) => state)).toEqual(['done', 'done'])
    expectExactly(world, 1)
  }, 60_000)

  it('and fails in between: the hire is made all the same (W1)', async () => {
    world = await openWorld()
    // As often as an attempt repeats the read.
    world.sandbox.faults.add({
      system: 'pinpoint',
      operation: 'applications.get',
      effect: { status: 503 },
      times: 3,
    })
    await world.hire({ late: { reads: 1 }, job: { visibility: 'confidential' } })
    expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
    expectExactly(world, 1)
  }, 60_000)

  it('opens no circuit, and holds up nobody else (F4)', async () => {
    world = await openWorld()
    for (let index = 0; index < 6; index++) await world.hire({ stage: 'offer' })
    await inState('waiting', 6)
    await world.hire()
    await inState('done')
    const { out } = await runCommand(['connections', 'show', 'acme', 'hibob'], world.env)
    expect(out).not.toContain('keeps failing')
  })

  it('never shows the hire: refused after 15 minutes, telling how often it was read (W1, F4)', async () => {
    world = await openWorld()
    const application = await world.hire({ stage: 'interview' })
    const [waiting] = await inState('waiting')
    expect(waiting).toMatchObject({
      code: 'pinpoint.not_hired_yet',
      reason: expect.stringContaining(`Application ${application} is not in a hired stage yet`) as string,
      attempt: 1,
    })
    // Its own next read, not one that is brought forward.
    await world.store.database.pool.query(
      `update events set received_at = received_at - interval '16 minutes'`,
    )
    const [refused] = await inState('refused')
    expect(refused).toMatchObject({
      code: 'pinpoint.not_hired',
      reason: `Application ${application} is not in a hired stage after 2 reads in the 15 minutes since its webhook (it is in "interview").`,
    })
    expectExactly(world, 0)
  })

  it('shows it sooner than expected: an event about the application lets the run go on at once (W1)', async () => {
    world = await openWorld()
    const application = await world.hire({ late: { ms: 3_600_000 } })
    const [run] = await inState('waiting')
    await world.store.database.pool.query(`update runs set next_at = now() + interval '5 minutes'`)
    world.sandbox.pinpoint.changeApplication(application, { late: null })
    const data = { application: { id: Number(application) } }
    await world.send(JSON.stringify({ event: 'application_moved', triggeredAt: 1_800_000_000, data }))
    const [done] = await inState('done')
    expect(done?.id).toBe(run?.id)
    expect((await timeline(run!.id)).join('\n')).toContain('Pinpoint shows the application as hired now')
  })

  it('is not waited for by a replay of an old event (F4)', async () => {
    world = await openWorld()
    await world.hire({ stage: 'offer' })
    await waitInVain(world)
    const [refused] = await inState('refused')
    const { code } = await runCommand(['replay', refused!.event], world.env)
    expect(code).toBe(0)
    const runs = await inState('refused', 2)
    expect(runs[0]?.reason).toContain('is not in a hired stage any more')
  })

  it('is what a preview tells of, without waiting (F4)', async () => {
    world = await openWorld()
    await world.hire({ stage: 'offer' })
    const [waiting] = await inState('waiting')
    const previewed = await runCommand(['preview', waiting!.event, '--json'], world.env)
    expect(previewed).toMatchObject({
      json: {
        wouldRefuse: [
          {
            code: 'pinpoint.not_hired',
            reason: expect.stringContaining('not in a hired stage yet') as string,
          },
        ],
      },
    })
  })

  it('and an undone hire look alike at first: refused in the end; hired again is another event (F4)', async () => {
    world = await openWorld()
    const { id, job } = world.sandbox.pinpoint.addApplication({ stage: 'offer' })
    const seconds = Math.floor(Date.now() / 1000)
    await world.send(hireEvent(id, job.id, seconds))
    await waitInVain(world)
    await inState('refused')
    world.sandbox.pinpoint.changeApplication(id, { stage: 'hired' })
    await world.send(hireEvent(id, job.id, seconds + 60))
    await inState('done')
    expectExactly(world, 1)
  })
})

describe('Demo data', () => {
  const demo = { isDemo: true, stage: 'review', startOn: '2027-01-04' } as const

  it('can be tried in any stage where the tenant says so, and `tenants show` tells (F4b)', async () => {
    world = await openWorld({ demoHires: true })
    const application = await world.hire(demo)
    expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
    expectExactly(world, 1)
    // An event about it is not taken for an undone hire.
    const data = { application: { id: Number(application) } }
    await world.send(JSON.stringify({ event: 'application_moved', triggeredAt: 1_800_000_000, data }))
    await until('the look', async () => {
      const [run] = await world.store.runs.listRuns({ limit: 1 })
      return (await world.store.runs.showRun(run!.id))?.rechecks.some(({ times }) => times === 1)
    })
    expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
    expect(await runCommand(['tenants', 'show', 'acme'], world.env)).toMatchObject({
      out: expect.stringContaining('Demo data: counts as hired in any stage') as string,
    })
    for (const command of [
      ['tenants', 'show', 'acme'],
      ['tenants', 'list'],
    ]) {
      const { json } = await runCommand([...command, '--json'], world.env)
      expect([json].flat()[0]).toMatchObject({ demoHires: true })
    }
  })

  it('does not let a real application pass that is not hired (F4b)', async () => {
    world = await openWorld({ demoHires: true })
    await world.hire({ stage: 'review' })
    await waitInVain(world)
    expect(await inState('refused')).toMatchObject([{ code: 'pinpoint.not_hired' }])
    expectExactly(world, 0)
  })

  it('says what it is and how to try it, where the tenant does not (F4b)', async () => {
    world = await openWorld()
    await world.hire(demo)
    const [waiting] = await inState('waiting')
    expect(waiting?.reason).toContain('set `demoHires: true`')
    await letAQuarterPass(world)
    const [refused] = await inState('refused')
    expect(refused).toMatchObject({ code: 'pinpoint.not_hired' })
    expect(refused?.reason).toContain('It is demo data')
    await world.apply({ demoHires: true })
    await runCommand(['replay', refused!.event], world.env)
    await inState('done')
  })
})

describe('Pinpoint’s sample event', () => {
  it('is told as a sample at once: the connection works (F4b)', async () => {
    world = await openWorld()
    expect((await world.send(sampleEvent)).status).toBe(200)
    expect(await world.settled(1)).toMatchObject([
      { state: 'refused', code: 'pinpoint.sample_event', reason: expect.stringContaining('works') as string },
    ])
  })

  it('is what `send --sample` sends (F4b)', async () => {
    world = await openWorld()
    const sent = await runCommand(
      ['send', '--tenant', 'acme', '--sample', '--url', world.service!.url],
      world.env,
    )
    expect(sent).toMatchObject({ code: 0 })
    expect(await world.settled(1)).toMatchObject([{ subject: '1', code: 'pinpoint.sample_event' }])
  })
})
