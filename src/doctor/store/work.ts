/** Whether work gets done, and who must act: parked runs, runs that no worker takes, processes without the key. */
import { counted, inWords } from '../../base/duration.ts'
import { liveProcesses, processesWithoutKey } from '../../keys/store/processes.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { Finding } from '../finding.ts'
import { lastChecks } from './last-checks.ts'
import { fieldsLeftOut } from './left-out.ts'

/** A run is taken within milliseconds, on AWS within a minute at most. */
const lateSeconds = 120
/** Younger than this, it may just not be taken yet. */
const dueSeconds = 10
/** Beyond this there is more work than the workers can do. */
const behindSeconds = 300

interface Work {
  readonly parked: number
  readonly parkedSeconds: number
  /** Of those: for a value that the destination does not take, or a field that it does not have. */
  readonly unmapped: number
  readonly due: number
  readonly dueSeconds: number
}

export async function workFindings(client: Queryable): Promise<readonly Finding[]> {
  const { rows } = await client.query<Work>(
    `select count(*) filter (where state = 'parked')::int as parked,
       count(*) filter (where state = 'parked' and code like '%.mapping\\_gaps')::int as unmapped,
       coalesce(extract(epoch from now() - min(updated_at) filter (where state = 'parked')), 0)::float8 as "parkedSeconds",
       count(due_since)::int as due, coalesce(extract(epoch from now() - min(due_since)), 0)::float8 as "dueSeconds"
     from (
       select state, code, updated_at, case when state in ('queued', 'waiting') then coalesce(next_at, updated_at) end as due_since
       from runs where finished_at is null
     ) as unfinished
     where state = 'parked' or due_since <= now() - make_interval(secs => $1)`,
    [dueSeconds],
  )
  const [work] = rows
  return work === undefined
    ? []
    : [
        await taken(client, work),
        parkedRuns(work),
        ...mappings(work),
        ...(await fieldsLeftOut(client)),
        ...(await lastChecks(client)),
        await quarantined(client),
        ...(await keysOfProcesses(client)),
      ]
}

async function taken(client: Queryable, { due, dueSeconds }: Work): Promise<Finding> {
  const what = 'Work'
  if (due === 0) return { ok: true, what, because: 'Every run that is due has been taken by a worker.' }
  const told = `${runs(due)} due, the oldest for ${inWords(dueSeconds * 1000)}`
  const workers = (await liveProcesses(client)).filter(({ role }) => role !== 'intake')
  if (workers.length === 0) {
    const because = `${told}, and no worker is alive. Start a service with ROLE=all or ROLE=worker.`
    return dueSeconds < lateSeconds
      ? { ok: true, warning: true, what, because }
      : { ok: false, what, because }
  }
  if (dueSeconds < lateSeconds) return { ok: true, what, because: 'The workers are busy; none is late.' }
  const because = `${told}, and ${workers.length === 1 ? 'one worker is' : `${workers.length} workers are`} alive.`
  return dueSeconds < behindSeconds
    ? { ok: true, warning: true, what, because }
    : {
        ok: false,
        what,
        because: `${because} Read their logs; start more of them, or raise WORKER_CONCURRENCY.`,
      }
}

function parkedRuns({ parked, parkedSeconds }: Work): Finding {
  const what = 'Parked runs'
  if (parked === 0) return { ok: true, what, because: 'There are none.' }
  const because = `${runs(parked)} parked, the oldest for ${inWords(parkedSeconds * 1000)}. Next: pinpoint-webhooks runs list --state parked`
  return { ok: true, warning: true, what, because }
}

/** What the destination has now, only `connections check` asks. */
function mappings({ unmapped }: Work): readonly Finding[] {
  if (unmapped === 0) return []
  const because = `${runs(unmapped)} parked for what the mapping does not fill, or the destination does not take. Next: pinpoint-webhooks connections check`
  return [{ ok: true, warning: true, what: 'Mappings', because }]
}

async function quarantined(client: Queryable): Promise<Finding> {
  const what = 'Quarantine'
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::int as count from quarantine where subject is not null',
  )
  const count = rows[0]?.count ?? 0
  if (count === 0) return { ok: true, what, because: 'No delivery that reads as a hire is in it.' }
  const because = `${counted(count, 'delivery that reads', 'deliveries that read')} as a hire could not be verified. Next: pinpoint-webhooks quarantine list`
  return { ok: true, warning: true, what, because }
}

function runs(count: number): string {
  return count === 1 ? '1 run is' : `${count} runs are`
}

async function keysOfProcesses(client: Queryable): Promise<readonly Finding[]> {
  const without = await processesWithoutKey(client)
  if (without === undefined) return []
  const { key, processes } = without
  const names = processes.map(({ name, role }) => `${name} (ROLE=${role})`).join(', ')
  const because =
    `Without the key "${key}", with which the data is encrypted now: ${names}. Webhooks there are answered 503. ` +
    'Put the key first in its ENCRYPTION_KEYS and restart it.'
  return [{ ok: false, what: 'Keys of processes', because }]
}
