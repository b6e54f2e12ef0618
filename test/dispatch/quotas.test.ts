// M6: tenants over their quota in the database: what is put aside is told as what it is, and nothing else deletes, holds up or doubles it.
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { dispatchAll } from '../../src/dispatch/dispatcher.ts'
import { createInbox } from '../../src/dispatch/store/inbox.ts'
import { createQuotas } from '../../src/dispatch/store/quotas.ts'
import { noticesOf } from '../../src/doctor/store/notices.ts'
import type { QuotaLimits } from '../../src/intake/ports.ts'
import { createEventStore } from '../../src/intake/store/deliveries.ts'
import { type Log, silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { createFinishedWork } from '../../src/privacy/store/finished-work.ts'
import { createBacklogReader } from '../../src/queue/store/backlog.ts'
import { noQuota, openSpine, type Spine } from '../support/spine.ts'

let spine: Spine
afterEach(() => spine.close())

const open = async (limits: Partial<QuotaLimits>) => {
  spine = await openSpine({ limits: { ...noQuota, ...limits } })
}
const hires = async (count: number) => {
  for (let application = 1; application <= count; application++) await spine.hire(String(application))
}
const finishAll = () =>
  spine.pool.query(`update runs set state = 'done', finished_at = now(), updated_at = now()`)
const rows = async () => {
  const { rows: found } = await spine.pool.query<Record<string, number>>(
    `select (select count(*) from inbox) as inbox, (select count(*) from deferred) as deferred,
       (select count(*) from over_quota) as over, (select count(*) from runs) as runs`,
  )
  return found[0]
}
const told = async () => {
  const { pool } = spine
  return (await noticesOf({ pool, embedded: undefined })).find(({ what }) => what === 'Quotas')
}

function listening(): { readonly log: Log; readonly lines: unknown[] } {
  const lines: unknown[] = []
  const tell = (fields: object, text: string) => void lines.push({ ...fields, text })
  return { lines, log: { ...silentLog, info: tell, warn: tell, error: tell } }
}

describe('What is deferred', () => {
  it('is no arrival: it has numbers and a notice of its own, also while it is being released', async () => {
    await open({ unfinishedRuns: 2 })
    const read = () => createBacklogReader({ pool: spine.pool, log: silentLog })()
    expect(await read()).toMatchObject({ deferred: 0, tenantsOverQuota: 0 })
    expect(await told()).toMatchObject({ ok: true })
    await hires(4)
    await spine.pool.query(`update events set received_at = now() - interval '1 hour'`)
    expect(await read()).toMatchObject({
      inbox: 0,
      oldestArrivalSeconds: 0,
      deferred: 3,
      tenantsOverQuota: 1,
    })
    const because = expect.stringMatching(/^3 acknowledged events of acme .* runs are unfinished/) as string
    expect(await told()).toMatchObject({ ok: false, because })

    await finishAll()
    await spine.quotas.release()
    expect(await rows()).toMatchObject({ inbox: 1, deferred: 2 })
    expect((await read())?.oldestArrivalSeconds).toBeLessThan(60)
    expect((await noticesOf({ ...spine, embedded: undefined })).find(({ what }) => what === 'Inbox')).toEqual(
      expect.objectContaining({ ok: true }),
    )
  })

  it('of events a day is told with the hour at which the first of them leaves the day', async () => {
    await open({ eventsPerDay: 2 })
    await hires(2)
    await spine.pool.query(`update runs set created_at = created_at - interval '5 hours' where subject = '1'`)
    await spine.hire('3')
    const { rows: of } = await spine.pool.query<{ until: Date }>(
      `select min(created_at) + interval '1 day' as until from runs`,
    )
    await spine.quotas.release()
    expect((await told())?.because).toContain(`further ones from ${of[0]?.until.toISOString()} on`)
  })

  it('is not pruned, however old it is', async () => {
    await open({ unfinishedRuns: 2 })
    await spine.pool.query('update tenants set keep_finished_seconds = 86400')
    await hires(2)
    await finishAll()
    await spine.pool.query(`update runs set finished_at = now() - interval '9 days'`)
    await spine.pool.query(`update events set received_at = now() - interval '9 days'`)
    await createFinishedWork(spine.pool).pruneBatch(spine.tenant.id, undefined)
    expect(await spine.runAdmin.listEvents({ limit: 5 })).toMatchObject([{ subject: '2' }])
    while (await spine.quotas.release()) await spine.inbox.dispatch()
    expect(await spine.runAdmin.listRuns({ limit: 5 })).toMatchObject([{ subject: '2' }, { subject: '2' }])
  })

  it('goes with its tenant', async () => {
    await open({ unfinishedRuns: 2 })
    await hires(3)
    await spine.pool.query('delete from tenants')
    expect(await rows()).toEqual({ inbox: 0, deferred: 0, over: 0, runs: 0 })
  })

  it('is released once, however many processes look at once, and mark and unmark the tenant meanwhile', async () => {
    await open({ unfinishedRuns: 2 })
    const applications = Array.from({ length: 60 }, (_, index) => String(index + 1))
    await Promise.all(applications.map((application) => spine.hire(application)))
    const processes = Array.from({ length: 6 }, () => {
      const quotas = createQuotas({ pool: spine.pool, limits: noQuota, log: silentLog })
      return { quotas, inbox: createInbox({ ...spine, quotas, log: silentLog }) }
    })
    const events = createEventStore({ ...spine, onNewEvents: () => undefined })
    const more = Array.from({ length: 60 }, (_, index) => String(index + 101))
    await Promise.all([
      ...more.map((application) => events.record(spine.delivery(application))),
      ...processes.map(async ({ quotas, inbox }) => {
        for (let round = 0; round < 5; round++) {
          await quotas.release()
          await inbox.dispatch()
        }
      }),
    ])
    for (const { quotas, inbox } of processes) {
      await quotas.release()
      while ((await inbox.dispatch()).more);
    }
    expect(await rows()).toEqual({ inbox: 0, deferred: 0, over: 0, runs: 240 })
  })

  it('and cannot begin when it is released holds up nothing behind it', async () => {
    await open({ unfinishedRuns: 2 })
    await hires(3)
    await spine.pool.query(`alter table runs add constraint none check (subject <> '2')`)
    await finishAll()
    for (let round = 0; round < 2; round++) {
      await spine.quotas.release()
      await spine.inbox.dispatch()
    }
    expect(await rows()).toMatchObject({ inbox: 1, deferred: 0 })
    expect(await spine.runAdmin.listRuns({ limit: 5 })).toMatchObject([
      { subject: '3' },
      { subject: '3' },
      { subject: '1' },
      { subject: '1' },
    ])
  })
})

describe('A tenant that is over its quota', () => {
  it('is told of once in the log, and once when it is over', async () => {
    await open({})
    const { log, lines } = listening()
    const quotas = createQuotas({ pool: spine.pool, limits: { ...noQuota, unfinishedRuns: 4 }, log })
    const inbox = createInbox({ ...spine, quotas, log })
    const events = createEventStore({
      ...spine,
      onNewEvents: () => dispatchAll({ inbox, log }),
    })
    for (let application = 1; application <= 6; application++)
      await events.record(spine.delivery(`${application}`))
    await quotas.release()
    expect(lines).toEqual([
      { tenant: 'acme', unfinishedRuns: 4, text: expect.stringContaining('over its quota') as string },
    ])
    for (let round = 0; round < 5; round++) {
      await finishAll()
      await quotas.release()
      await inbox.dispatch()
    }
    expect(lines.slice(1)).toEqual([
      { tenant: 'acme', text: expect.stringContaining('within its quota again') as string },
    ])
    expect(await rows()).toMatchObject({ deferred: 0, over: 0, runs: 12 })
  })

  it('is not one by what people run again: that has a pace of its own', async () => {
    await open({ unfinishedRuns: 4, eventsPerDay: 4 })
    await hires(1)
    await spine.pool.query(
      `insert into replays (id, tenant_id, since, states, per_hour, total) values ('rpl_1', $1, now(), '{done}', 60, 9)`,
      [spine.tenant.id],
    )
    await spine.pool.query(
      `insert into runs (id, tenant_id, connection_id, event_id, integration, subject, generation, replay_id)
       select runs.id || '_' || more, tenant_id, connection_id, event_id, integration, subject, more, 'rpl_1'
       from runs cross join generate_series(1, 9) as more`,
    )
    await spine.hire('2')
    expect(await rows()).toMatchObject({ deferred: 0, over: 1 })
    await spine.hire('3')
    expect(await rows()).toMatchObject({ deferred: 1 })
  })

  it('costs no statement while it is far from it', async () => {
    await open({})
    await hires(1)
    const pool = openPool(spine.url, 1)
    onTestFinished(() => pool.end())
    const asked = vi.spyOn(pool, 'query')
    const quotas = createQuotas({ pool, limits: noQuota, log: silentLog })
    for (let time = 0; time < 10_000; time++) {
      quotas.note(spine.tenant.id, 2)
      await quotas.check()
    }
    expect(asked).toHaveBeenCalledTimes(1)
  })
})
