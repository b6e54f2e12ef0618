/** Hires whose webhook came and whose run had ended before Pinpoint showed them: a sweep starts their event again. */
import { afterEach, describe, expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { startService } from '../../src/app/service.ts'
import { silentLog } from '../../src/observe/log.ts'
import { type Ran, runCommand } from '../support/command-line.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const hour = 3_600_000
const sweep = (...more: readonly string[]): Promise<Ran> =>
  runCommand(['sweep', '--tenant', 'acme', '--json', ...more], world.env)
const runs = () => world.store.runs.listRuns({ limit: 100 })
const query = (text: string) => world.store.database.pool.query(text)

/** One hire that a webhook has told of, some hours ago. Nobody has worked on it. */
async function told(options: WorldOptions = {}, asked = '') {
  world = await openWorld({ service: false, ...options })
  await query(`update connections set enabled_since = now() - interval '10 days' where enabled`)
  const hiredAt = new Date(Date.now() - 5 * hour).toISOString()
  const { id, job } = world.sandbox.pinpoint.addApplication({ hiredAt })
  const intake = await startService({ ...world.config, role: 'intake' }, silentLog)
  await world.send(hireEvent(id, job.id), { url: intake.url, query: asked })
  await intake.close()
}

/** As if a worker had ended all runs that have not ended so. */
const end = (state: string, code = 'pinpoint.not_hired') =>
  query(`update runs set state = '${state}', code = '${code}', turn = turn + 1,
    finished_at = case when '${state}' in ('refused', 'cancelled', 'done') then now() end where state = 'queued'`)

async function work(): Promise<void> {
  const service = await startService(world.config, silentLog)
  await world.settled(1)
  await service.close()
}

describe('a sweep of a hire whose run had ended before Pinpoint showed it', () => {
  it.each(['pinpoint.not_hired', 'pinpoint.application_gone'])(
    'runs its event again, once, and blames no webhook: %s (W1, F4)',
    async (code) => {
      await told()
      await end('refused', code)
      expect(await sweep('--preview')).toMatchObject({
        json: { missing: 0, restarted: 1, runs: 1, hires: [{ restarted: true, integrations: ['hibob'] }] },
      })
      expect(await runs()).toHaveLength(1)
      expect(await sweep()).toMatchObject({ code: 0, json: { seen: 1, missing: 0, restarted: 1, runs: 1 } })
      expect(await sweep()).toMatchObject({ json: { missing: 0, restarted: 0, runs: 0 } })
      expect(await world.store.runs.listEvents({ limit: 5 })).toMatchObject([
        { origin: 'webhook', deliveries: 1 },
      ])
      await work()
      const [again, first] = await runs()
      expect(again).toMatchObject({ id: `${first!.id}_1`, state: 'done' })
      expect((await world.store.runs.showRun(again!.id))?.timeline[0]?.text).toContain('again by a sweep')
      expectExactly(world, 1)
      expect(await sweep()).toMatchObject({ json: { restarted: 0 } })
      expect((await runCommand(['tenants', 'show', 'acme'], world.env)).out).toMatch(/Last sweep: .* done/)
    },
  )

  it('does so three times, then says it and leaves it to people (W1)', async () => {
    await told()
    await end('refused')
    for (let time = 1; time <= 3; time++) {
      expect(await sweep()).toMatchObject({ json: { restarted: 1, exhausted: 0, runs: 1 } })
      await end('refused')
    }
    expect(await sweep()).toMatchObject({ json: { missing: 0, restarted: 0, exhausted: 1, runs: 0 } })
    expect(await runs()).toHaveLength(4)
    const { out } = await runCommand(['sweep', '--tenant', 'acme'], world.env)
    expect(out).toContain('sweeps have started them again three times')
    expect((await runCommand(['tenants', 'show', 'acme'], world.env)).out).toContain(
      'three times without success',
    )
    // What people start does not count, and what they start is covered.
    const [event] = await world.store.runs.listEvents({ limit: 1 })
    await runCommand(['replay', event!.id], world.env)
    expect(await sweep()).toMatchObject({ json: { restarted: 0, exhausted: 0 } })
  })

  it('started twenty times at once starts it once (W1)', async () => {
    await told()
    await end('refused')
    const all = await Promise.all(Array.from({ length: 20 }, () => sweep()))
    expect(all.filter(({ code }) => code !== 0 && code !== 75)).toEqual([])
    expect(await runs()).toHaveLength(2)
  })

  it.each([
    ['queued', 'pinpoint.not_hired'],
    ['waiting', 'pinpoint.not_hired_yet'],
    ['parked', 'runs.hire_undone'],
    ['done', 'x'],
    ['cancelled', 'pinpoint.not_hired'],
    ['refused', 'runs.no_handler'],
  ])('leaves it alone when its newest run is %s (%s)', async (state, code) => {
    await told()
    await end('refused')
    await sweep()
    await end(state, code)
    expect(await sweep()).toMatchObject({ json: { missing: 0, restarted: 0, exhausted: 0 } })
    expect(await runs()).toHaveLength(2)
  })

  it('judges each connection for itself (W1)', async () => {
    await told({ webhook: true })
    await query(`update runs set state = 'done', finished_at = now() where integration = 'webhook'`)
    await end('refused')
    expect(await sweep()).toMatchObject({ json: { restarted: 1, runs: 1 } })
    expect((await runs()).map(({ integration }) => integration).sort()).toEqual(['hibob', 'hibob', 'webhook'])
  })

  it('tells it apart from a connection that no webhook has told of the same hire (W1)', async () => {
    await told({ webhook: true }, '?integration=hibob')
    await end('refused')
    expect(await sweep()).toMatchObject({ json: { missing: 1, restarted: 1, runs: 2 } })
    expect(await sweep()).toMatchObject({ json: { missing: 0, restarted: 0 } })
  })

  it('leaves it alone while it is young, and when its connection was enabled later', async () => {
    await told()
    await end('refused')
    await query(`update connections set enabled_since = now() - interval '1 hour'`)
    expect(await sweep()).toMatchObject({ json: { restarted: 0, missing: 0 } })
    await query(`update connections set enabled_since = now() - interval '10 days'`)
    const [{ subject } = { subject: '' }] = await runs()
    world.sandbox.pinpoint.changeApplication(subject, {
      hiredAt: new Date(Date.now() - 60_000).toISOString(),
    })
    expect(await sweep()).toMatchObject({ json: { restarted: 0, missing: 0 } })
  })
})
