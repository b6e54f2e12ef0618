/** The events that a preview or a replay of many is about. */
import type { ConnectionId, EventId, RunId } from '../../base/ids.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { Chosen, ChosenState, EventChoice } from '../chosen-events.ts'

interface ChosenRow {
  readonly event_id: EventId
  readonly subject: string
  readonly connection_id: ConnectionId
  readonly integration: string
  readonly run_id: RunId | null
  readonly state: ChosenState
}

/** Each event with each enabled connection that handles it, and the newest run of the two. */
export const pairsSql = `
  select events.id as event_id, events.subject, connections.id as connection_id, connections.integration, newest.id as run_id,
    coalesce(newest.state, 'none') as state, events.received_at
  from events
  join connections on connections.tenant_id = events.tenant_id and connections.enabled
  left join lateral (
    select id, state from runs where event_id = events.id and connection_id = connections.id
    order by generation desc limit 1
  ) as newest on true
  where events.name = 'application_hired' and events.subject is not null
    and connections.integration = any ($1) and ($2::text is null or connections.integration = $2)`

/** The oldest first. */
export async function chooseEvents(client: Queryable, choice: EventChoice): Promise<readonly Chosen[]> {
  const { tenant, since, states, integration, handling } = choice
  const { rows } = await client.query<ChosenRow>(
    `select * from (${pairsSql} and events.tenant_id = $3 and events.received_at >= $4) as pairs
     where state = any ($5) order by received_at, event_id, integration`,
    [handling, integration ?? null, tenant, since, states],
  )
  return rows.map(toChosen)
}

export async function chooseOfEvent(
  client: Queryable,
  event: string,
  { handling, integration }: Pick<EventChoice, 'handling' | 'integration'>,
): Promise<Chosen[] | undefined> {
  const known = await client.query(`select from events where id = $1`, [event])
  if (known.rowCount === 0) return undefined
  const { rows } = await client.query<ChosenRow>(`${pairsSql} and events.id = $3 order by integration`, [
    handling,
    integration ?? null,
    event,
  ])
  return rows.map(toChosen)
}

function toChosen(row: ChosenRow): Chosen {
  const { event_id: event, subject: application, connection_id: connection, integration, state } = row
  return { event, application, connection, integration, run: row.run_id ?? undefined, state }
}
