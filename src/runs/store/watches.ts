/** The rechecks of a run: written when it parks, brought forward by an event about its application. */
import type { RunId } from '../../base/ids.ts'
import { lookedUp } from '../../postgres/looked-up.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { SharedWakeUp } from '../../queue/wake-ups.ts'
import { activeStates, type Settlement } from '../run.ts'
import type { RecheckView } from '../watch.ts'
import { listSql } from './transition.ts'

export const rechecksChannel: SharedWakeUp = 'rechecks_due'

/** A quarter of the time since the last change: every two minutes at first, once a day in the end, with jitter. */
export const pace = `(0.9 + 0.2 * random()) * greatest(interval '2 minutes', least(interval '1 day', (now() - rechecks.since) / 4))`

/**
 * In the transaction that parks the run. A run that parks again for the same reason soon after a recheck has resumed it keeps its
 * pace, so that a change that does not help cannot make it go round in circles.
 */
export async function watch(
  client: Queryable,
  { run, turn }: { readonly run: RunId; readonly turn: number },
  { code, watches = [] }: Settlement & { readonly state: 'parked' },
): Promise<void> {
  if (watches.length === 0) return
  await client.query(
    `insert into rechecks (run_id, what, name, tenant_id, application, turn, fingerprint, park_code, next_at)
     select runs.id, given.what, given.name, runs.tenant_id, runs.subject, $2, decode(given.fingerprint, 'hex'), $3,
       now() + (0.9 + 0.2 * random()) * interval '2 minutes'
     from runs, unnest($4::text[], $5::text[], $6::text[]) as given (what, name, fingerprint)
     where runs.id = $1
     on conflict (run_id, what) do update set name = excluded.name, turn = excluded.turn, fingerprint = excluded.fingerprint,
       park_code = excluded.park_code, signalled = false, code = null,
       since = case when rechecks.park_code = excluded.park_code then rechecks.since else now() end,
       times = case when rechecks.park_code = excluded.park_code then rechecks.times else 0 end,
       checked_at = case when rechecks.park_code = excluded.park_code then rechecks.checked_at end,
       next_at = now() + case when rechecks.park_code = excluded.park_code then ${pace} else interval '2 minutes' end`,
    [
      run,
      turn,
      code,
      watches.map(({ what }) => what),
      watches.map(({ name }) => name),
      watches.map(({ fingerprint }) => fingerprint.toString('hex')),
    ],
  )
}

/**
 * SQL: brings forward the rechecks of parked runs of these applications (`tenant_id` and `subject` of each row), and adds rechecks
 * whether an application is still hired for runs that have not started or are done.
 */
export function signalSql(rows: string): string {
  // In a fixed order, so that two batches about the same applications do not deadlock.
  return `insert into rechecks (run_id, what, tenant_id, application, turn, next_at, signalled)
    select runs.id, wanted.what, runs.tenant_id, runs.subject, runs.turn, now(), true
    from (
      select rechecks.run_id, rechecks.what from ${rows} as about
      join rechecks on rechecks.tenant_id = about.tenant_id and rechecks.application = about.subject
      union
      select concerned.id, 'hired' from ${rows} as about cross join lateral (
        select id from runs
        where runs.tenant_id = about.tenant_id and runs.subject = about.subject
          and (runs.state in (${listSql([...activeStates, 'done'])}) or (runs.state = 'parked' and runs.code = 'runs.hire_undone'))
        ${lookedUp}
      ) as concerned
    ) as wanted
    join runs on runs.id = wanted.run_id
    order by runs.id, wanted.what
    on conflict (run_id, what) do update set next_at = now(), since = now(), signalled = true,
      times = case rechecks.what when 'hired' then 0 else rechecks.times end`
}

interface RecheckRow {
  readonly what: RecheckView['what']
  readonly name: string
  readonly times: number
  readonly checked_at: Date | null
  readonly next_at: Date
  readonly code: string | null
}

/** The current rechecks of a run. */
export async function rechecksOf(client: Queryable, run: string): Promise<readonly RecheckView[]> {
  const { rows } = await client.query<RecheckRow>(
    `select rechecks.what, rechecks.name, rechecks.times, rechecks.checked_at, rechecks.next_at, rechecks.code
     from rechecks join runs on runs.id = rechecks.run_id and runs.turn = rechecks.turn
     where run_id = $1 order by what`,
    [run],
  )
  return rows.map(({ checked_at, next_at, ...row }) => ({
    ...row,
    checkedAt: checked_at?.toISOString() ?? null,
    nextAt: next_at.toISOString(),
  }))
}
