/** How much work there is, in all processes together: counted at most every few seconds, however often it is read. */
import type pg from 'pg'

import { type Clock, systemClock } from '../../base/clock.ts'
import type { Backlog, ReadBacklog } from '../../observe/backlog.ts'
import type { Log } from '../../observe/log.ts'
import { createOutage } from '../../observe/outage.ts'
import { type Queryable, queryable } from '../../postgres/transaction.ts'

const keptMilliseconds = 5_000
/** A scrape is given up after ten seconds; with the wait for a connection, this stays below. */
const statementMilliseconds = 2_000
/** For deferred events, which can be any number. */
const mostCounted = 100_000

/** Undefined when the database does not answer: no number is better than an old one. */
export function createBacklogReader(
  { pool, log }: { readonly pool: pg.Pool; readonly log: Log },
  clock: Clock = systemClock,
): ReadBacklog {
  const statements = queryable(pool, { atMost: statementMilliseconds })
  const outage = createOutage(log, {
    began: 'runs cannot be counted for /metrics',
    over: 'runs are counted again',
    clock,
  })
  const read = async () => {
    try {
      const backlog = await count(statements)
      outage.worked()
      return backlog
    } catch (error) {
      outage.failed(error)
      return undefined
    }
  }
  let last: { readonly at: number; readonly answer: Promise<Backlog | undefined> } | undefined
  return () => {
    const at = clock.now().getTime()
    if (last === undefined || at - last.at >= keptMilliseconds) last = { at, answer: read() }
    return last.answer
  }
}

interface StateRow {
  readonly state: keyof Backlog['runs']
  readonly runs: number
  readonly due: number
  readonly oldest: number | null
}

/** Reads the index of unfinished runs and their rows, so its cost depends on unfinished runs, not on all runs. */
async function count(client: Queryable): Promise<Backlog> {
  const { rows } = await client.query<StateRow>(
    `select state, count(*) as runs, count(due_since) as due,
       extract(epoch from now() - min(due_since))::float8 as oldest
     from (
       select state, case when state in ('queued', 'waiting') and coalesce(next_at, updated_at) <= now()
                          then coalesce(next_at, updated_at) end as due_since
       from runs where finished_at is null
     ) as unfinished
     group by state`,
  )
  const runs = { queued: 0, running: 0, waiting: 0, parked: 0 }
  for (const row of rows) runs[row.state] = row.runs
  const { rows: arrived } = await client.query<{ inbox: number; oldest: number | null }>(
    `select count(*) as inbox, extract(epoch from now() - min(arrived_at))::float8 as oldest
     from inbox join events on events.id = inbox.event_id`,
  )
  const { rows: over } = await client.query<{ deferred: number; tenants: number }>(
    `select (select count(*) from (select from deferred limit ${mostCounted}) as counted) as deferred,
       (select count(*) from over_quota) as tenants`,
  )
  // From the end of each tenant's index: the newest of all would be looked for among all.
  const { rows: came } = await client.query<{ at: Date | null }>(
    `select max(newest.received_at) as at from tenants cross join lateral (
       select received_at from events where tenant_id = tenants.id and origin = 'webhook' order by received_at desc limit 1
     ) as newest`,
  )
  return {
    runs,
    due: rows.reduce((sum, { due }) => sum + due, 0),
    oldestDueSeconds: Math.max(0, ...rows.map(({ oldest }) => oldest ?? 0)),
    inbox: arrived[0]?.inbox ?? 0,
    oldestArrivalSeconds: Math.max(0, arrived[0]?.oldest ?? 0),
    deferred: over[0]?.deferred ?? 0,
    tenantsOverQuota: over[0]?.tenants ?? 0,
    lastWebhookAt: came[0]?.at ?? undefined,
  }
}
