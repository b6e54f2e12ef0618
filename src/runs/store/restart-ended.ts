/** New generations for events whose run ended before Pinpoint showed the hire, each counted as started by a sweep. */
import type { ConnectionId, EventId } from '../../base/ids.ts'
import type { Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { startRuns } from './start.ts'

/** An event and the connection whose run ended too early. */
export interface EndedEarly {
  readonly event: EventId
  readonly connection: ConnectionId
}

/** Not beside an unfinished run: somebody may have replayed the event in the meantime. */
const nextGenerations = `(
  select runs.event_id, runs.tenant_id, runs.subject, runs.connection_id, runs.integration, max(runs.generation) + 1 as generation
  from unnest($1::text[], $2::text[]) as given (event_id, connection_id)
  join runs on runs.event_id = given.event_id and runs.connection_id = given.connection_id
  group by 1, 2, 3, 4, 5
  having count(*) filter (where runs.finished_at is null) = 0
)`

/** Returns how many runs started. Waits for an event that is just being pruned, which then no longer exists. */
export async function restartEnded(
  { client, queue }: { readonly client: Transaction; readonly queue: Queue },
  ended: readonly EndedEarly[],
): Promise<number> {
  if (ended.length === 0) return 0
  const events = ended.map(({ event }) => event)
  await client.query('select from events where id = any ($1) order by id for key share', [events])
  const started = await startRuns(client, {
    of: nextGenerations,
    set: { by_sweep: 'true' },
    line: { reason: `'started again by a sweep: Pinpoint shows the application as hired'` },
    values: [events, ended.map(({ connection }) => connection)],
  })
  await queue.send(client, started)
  return started.length
}
