/** Follow-ups in Postgres: one more run of an event, started when the run that it follows up ends. Rules: src/worker/follow-up.ts */
import type { RunId } from '../../base/ids.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { FollowUp } from '../run.ts'
import { startRuns } from './start.ts'
import { type Moved, moveRuns } from './transition.ts'

/** In the transaction that settles the ended runs. If the event has a newer run already, that run searches instead. */
export async function startFollowUps(
  client: Queryable,
  ended: readonly { readonly run: RunId; readonly followUp: FollowUp }[],
): Promise<readonly Moved[]> {
  if (ended.length === 0) return []
  return startRuns(client, {
    of: `(
      select runs.event_id, runs.tenant_id, runs.subject, runs.connection_id, runs.integration, runs.generation + 1 as generation,
        given.seconds, given.reason
      from unnest($1::text[], $2::float8[], $3::text[]) as given (run_id, seconds, reason) join runs on runs.id = given.run_id
    )`,
    set: {
      next_at: 'now() + make_interval(secs => wanted.seconds)',
      reason: 'wanted.reason',
      follow_up_since: 'now()',
    },
    line: { reason: 'reason' },
    values: [
      ended.map(({ run }) => run),
      ended.map(({ followUp }) => followUp.inSeconds),
      ended.map(({ followUp }) => followUp.reason),
    ],
  })
}

/** A replay searches at once for everything that a follow-up waits for. */
export async function supersedeFollowUps(
  client: Queryable,
  event: string,
  integrations: readonly string[],
): Promise<void> {
  await moveRuns(client, {
    from: ['queued', 'waiting'],
    to: 'cancelled',
    using: 'connections',
    where: `connections.id = runs.connection_id and connections.enabled and runs.event_id = $1
      and runs.integration = any ($2) and runs.follow_up_since is not null`,
    line: { reason: '$3' },
    values: [event, integrations, supersededReason],
  })
}

export const supersededReason = 'replaced by a replay'
