/** Every start of a run: its id, its row, and the first line of its timeline. */
import type { Queryable } from '../../postgres/transaction.ts'
import type { startStates } from '../run.ts'
import {
  type Columns,
  type Line,
  type Moved,
  type MovedRow,
  movedSql,
  stateSql,
  type Target,
  timelineSql,
  toMoved,
} from './transition.ts'

export interface Start {
  /**
   * A named part of the statement, or a query in parentheses: `event_id`, `tenant_id`, `subject`, `connection_id`, `integration` and
   * `generation` of each run, and whatever `set` reads.
   */
  readonly of: string
  /** Expressions over the columns of `wanted`, the alias of `of`. */
  readonly set?: Columns
  /** Default: queued. */
  readonly to?: Target<(typeof startStates)[number]>
  readonly line: Line
}

/**
 * The id is made of the event, the integration and, from the second generation on, the generation, so a second start conflicts with the first.
 * https://www.postgresql.org/docs/18/sql-insert.html#SQL-ON-CONFLICT
 */
const idSql = `'run_' || substr(wanted.event_id, 5) || '_' || wanted.integration
  || case when wanted.generation = 0 then '' else '_' || wanted.generation end`

const own = ['event_id', 'tenant_id', 'subject', 'connection_id', 'integration', 'generation']

/** Two parts of a statement: `name`, the new runs, and the first lines of their timelines. */
export function startSql(name: string, { of, set = {}, to = 'queued', line }: Start): string {
  const columns = ['id', ...own, 'state', ...Object.keys(set)]
  const values = [idSql, ...own.map((column) => `wanted.${column}`), stateSql(to), ...Object.values(set)]
  return `${name} as (
    insert into runs (${columns.join(', ')})
    select ${values.join(', ')} from ${of} as wanted order by 1
    on conflict do nothing
    returning *
  ), ${timelineSql(name, line)}`
}

/** A start as a statement of its own, in the transaction that sends the jobs of the returned runs. */
export async function startRuns(
  client: Queryable,
  start: Start & { readonly values: readonly unknown[] },
): Promise<readonly Moved[]> {
  const { rows } = await client.query<MovedRow>(
    `with ${startSql('started', start)} ${movedSql('started')}`,
    start.values,
  )
  return rows.map(toMoved)
}
