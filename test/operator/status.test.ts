// `status`: every hire once, on its day and in the state that needs attention most; and each thing that somebody must do, with its command.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { statusText } from '../../src/cli/status.ts'
import { needsPerson } from '../../src/operator/status.ts'
import { createStatusReader } from '../../src/operator/store/status.ts'
import { openSpine, type Spine } from '../support/spine.ts'

let spine: Spine
beforeEach(async () => {
  spine = await openSpine()
})
afterEach(() => spine.close())

const read = async (zone = 'UTC') => {
  const found = await createStatusReader(spine.pool).status({ zone })
  return { found, tenant: found.tenants[0]! }
}
const set = (
  application: string,
  integration: string,
  { state, more = '' }: { state: string; more?: string },
) =>
  spine.pool.query(
    `update runs set state = $3, finished_at = case when $3 in ('done', 'refused', 'cancelled') then now() end ${more}
     where subject = $1 and integration = $2`,
    [application, integration, state],
  )
const received = (application: string, ago: string) =>
  spine.pool.query(
    `with moved as (update events set received_at = now() - $2::interval where subject = $1 returning id)
     update runs set created_at = now() - $2::interval from moved where event_id = moved.id`,
    [application, ago],
  )

describe('status', () => {
  it('of nothing says so, and that nothing waits for a person', async () => {
    const { found, tenant } = await read()
    expect(tenant).toMatchObject({
      tenant: 'acme',
      today: {},
      sevenDays: {},
      waiting: null,
      lastWebhookAt: null,
    })
    expect(needsPerson(tenant)).toBe(false)
    expect(statusText(found)).toMatch(/acme +0 +0 +never +never\n\nNothing waits for a person\.$/)
  })

  it('says when runs are due and no worker is alive', async () => {
    await spine.hire('1')
    await spine.pool.query(`update runs set updated_at = now() - interval '3 minutes'`)
    const { found } = await read()
    expect(found.untakenRuns).toBe(2)
    expect(statusText(found)).toContain('No worker is alive, and 2 runs wait for one.')
    await spine.pool.query(
      `insert into processes (name, role, keys, alive_until) values ('one', 'worker', '{k1}', now() + interval '1 minute')`,
    )
    expect((await read()).found.untakenRuns).toBe(0)
  })

  it('counts a hire once, by its run that needs attention most, whatever was replayed', async () => {
    for (const application of ['1', '2', '3', '4']) await spine.hire(application)
    await set('1', 'hibob', { state: 'done' })
    await set('1', 'webhook', { state: 'done' })
    await set('2', 'hibob', { state: 'done' })
    await set('2', 'webhook', { state: 'parked', more: `, reason = 'No site.'` })
    await set('3', 'hibob', { state: 'refused' })
    await set('3', 'webhook', { state: 'cancelled' })
    await spine.pool.query(
      `insert into runs (id, tenant_id, connection_id, event_id, integration, subject, generation, state, finished_at)
       select id || '_again', tenant_id, connection_id, event_id, integration, subject, 1, 'done', now() from runs where subject = '3'`,
    )
    await spine.pool.query(`delete from runs where subject = '4'`)
    const { tenant } = await read()
    expect(tenant.today).toEqual({ done: 2, parked: 1, none: 1 })
    expect(tenant.sevenDays).toEqual(tenant.today)
  })

  it('knows the days of the tenant, and takes a replay of an older event for no hire of today', async () => {
    for (const application of ['1', '2', '3']) await spine.hire(application)
    for (const application of ['1', '2', '3']) {
      await set(application, 'hibob', { state: 'done' })
      await set(application, 'webhook', { state: 'done' })
    }
    await received('2', '3 days')
    await received('3', '20 days')
    await spine.pool.query(`update runs set created_at = now() where subject in ('2', '3')`)
    const { tenant } = await read()
    expect([tenant.today, tenant.sevenDays]).toEqual([{ done: 1 }, { done: 2 }])

    // Where it was midnight a moment ago, what came two hours ago is of yesterday; in the zone after it, it is of today.
    const hour = Number(
      (
        await spine.pool.query<{ hour: number }>(
          `select extract(hour from now() at time zone 'UTC')::int as hour`,
        )
      ).rows[0]?.hour,
    )
    await received('1', '2 hours')
    const midnight = `Etc/GMT${hour > 12 ? '-' : '+'}${hour > 12 ? 24 - hour : hour}`
    await spine.pool.query('update tenants set time_zone = $1', [midnight])
    expect((await read()).tenant.today).toEqual({})
    await spine.pool.query('update tenants set time_zone = null')
    expect((await read(midnight)).tenant.today).toEqual({})
  })

  it('says what waits for a person, since when, and what to type', async () => {
    await spine.hire('1', { asked: 'hibob' })
    await spine.hire('2', { asked: 'hibob' })
    await set('1', 'hibob', {
      state: 'parked',
      more: `, reason = 'HiBob has no site "Moon".', updated_at = now() - interval '3 days'`,
    })
    await set('2', 'hibob', {
      state: 'parked',
      more: `, reason = 'Another one.', updated_at = now() - interval '1 hour'`,
    })
    await spine.pool.query(
      `update connections set paused_code = 'x', paused_reason = 'HiBob refused the credentials.', paused_fix = 'y', paused_at = now() - interval '2 hours'
       where integration = 'hibob'`,
    )
    await spine.pool.query(
      `insert into circuits (connection_id, destination, code, reason, opened_at, probe_at, next_caller_at)
       values ($1, 'webhook', 'x', 'It answered 503.', now() - interval '90 seconds', now() + interval '40 seconds', now())`,
      [spine.connections.webhook],
    )
    await spine.pool.query(
      `insert into quarantine (id, tenant_id, asked, bytes, sealed_body, received_at, last_delivery_at, subject)
       values ('qua_1', $1, '*', 1, '', now(), now(), '\\x01'), ('qua_2', $1, '*', 1, '', now(), now(), null), ('qua_3', null, '*', 1, '', now(), now(), '\\x02')`,
      [spine.tenant.id],
    )
    await spine.pool.query(
      `insert into sweeps (id, tenant_id, cause, state, since, any_age, undated, updated_after, reason)
       values ('swp_1', $1, 'schedule', 'failed', now(), false, false, now(), 'Pinpoint refused the key.')`,
      [spine.tenant.id],
    )
    const { found, tenant } = await read()
    expect(tenant).toMatchObject({
      waiting: {
        runs: 2,
        oldest: { application: '1', integration: 'hibob', reason: 'HiBob has no site "Moon".' },
      },
      quarantined: 1,
      lastSweep: { state: 'failed' },
    })
    expect(needsPerson(tenant)).toBe(true)
    const text = statusText(found)
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
    const said = text.replaceAll(/\n {2}/g, ' ')
    for (const sentence of [
      'acme: 2 hires wait for a person, the oldest for 3 days (application 1): HiBob has no site "Moon". Next: runs list --tenant acme --state parked',
      'acme: hibob has been paused for 2 hours: HiBob refused the credentials. Next: connections check acme hibob',
      'acme: webhook has been failing for 90 seconds: It answered 503. Next probe in 40 seconds. Next: connections show acme webhook',
      'acme: 1 hire in quarantine: no signing secret verified it. Next: quarantine list --tenant acme',
      'acme: The last sweep failed: Pinpoint refused the key. Next: tenants show acme',
      '1 delivery for no tenant in quarantine. Next: quarantine list',
    ])
      expect(said).toContain(sentence)
  })

  it('fits into 80 columns however many states there are', async () => {
    const states = ['done', 'parked', 'waiting', 'running', 'queued', 'refused', 'cancelled']
    for (const [index, state] of states.entries()) {
      await spine.hire(String(index + 1), { asked: 'hibob' })
      await set(String(index + 1), 'hibob', { state: state })
    }
    const { found } = await read()
    const text = statusText(found)
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
    for (const state of states) expect(text).toContain(`1 ${state}`)
  })
})
