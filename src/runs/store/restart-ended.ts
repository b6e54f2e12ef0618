/** Events whose run ended before Pinpoint showed the hire run again: new generations, each counted as started by a sweep. */
import type { ConnectionId, EventId, RunId } from '../../base/ids.ts'
import type { Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'

/** What ended. */
export interface EndedEarly {
  readonly event: EventId
  readonly connection: ConnectionId
}

/** None is started beside an unfinished one: somebody may have replayed the event meanwhile. One that is just being pruned is waited for, and then is not there. */
const restartSql = `
  with latest as (
    select given.event_id, given.connection_id, max(runs.generation) + 1 as generation
    from unnest($1::text[], $2::text[]) as given (event_id, connection_id)
    join runs on runs.event_id = given.event_id and runs.connection_id = given.connection_id
    group by given.event_id, given.connection_id
    having count(*) filter (where runs.finished_at is null) = 0
  ), started as (
    insert into runs (id, tenant_id, connection_id, event_id, integration, subject, generation, by_sweep)
    select 'run_' || substr(events.id, 5) || '_' || connections.integration || '_' || latest.generation,
      events.tenant_id, connections.id, events.id, connections.integration, events.subject, latest.generation, true
    from latest
    join events on events.id = latest.event_id
    join connections on connections.id = latest.connection_id
    on conflict do nothing
    returning id, connection_id
  ), told as (
    insert into run_history (run_id, attempt, state, reason)
    select id, 0, 'queued', 'started again by a sweep: Pinpoint shows the application as hired' from started
  )
  select id, connection_id from started`

/** How many have started. */
export async function restartEnded(
  { client, queue }: { readonly client: Transaction; readonly queue: Queue },
  ended: readonly EndedEarly[],
): Promise<number> {
  if (ended.length === 0) return 0
  const events = ended.map(({ event }) => event)
  await client.query('select from events where id = any ($1) order by id for key share', [events])
  const { rows } = await client.query<{ id: RunId; connection_id: ConnectionId }>(restartSql, [
    events,
    ended.map(({ connection }) => connection),
  ])
  await queue.send(
    client,
    rows.map(({ id, connection_id: connection }) => ({ run: id, turn: 1, connection })),
  )
  return rows.length
}
