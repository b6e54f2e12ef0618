/** Lists of runs, and the search for a run by the name that a user gave. They contain no personal data. */
import type { Queryable } from '../../postgres/transaction.ts'
import { type RunState, unfinishedStates } from '../../runs/run.ts'
import { listSql } from '../../runs/store/transition.ts'
import type { RunFilter, RunName, RunView } from '../operate.ts'
import { conditions, newest, runColumns, type RunRow, toRunView } from './run-views.ts'

/** Newest first. */
export async function listRuns(client: Queryable, filter: RunFilter): Promise<readonly RunView[]> {
  const { parts, values } = partsOf(filter)
  const named = filter.event !== undefined || filter.replay !== undefined || filter.subject !== undefined
  const found = parts.map(({ whole, few }) => {
    const from =
      few || named ? `tenants join runs on runs.tenant_id = tenants.id ${whole}` : newest('runs', whole)
    return `(select ${runColumns} from ${from} order by runs.created_at desc, runs.id desc limit $1)`
  })
  const { rows } = await client.query<RunRow>(
    `select * from (${found.join(' union all ')}) as found order by created_at desc, id desc limit $1`,
    [filter.limit, ...values],
  )
  return rows.map(toRunView)
}

/** The number of runs, counted up to the limit. Unsorted: a sort would read all of them first. */
export async function countRuns(client: Queryable, filter: RunFilter): Promise<number> {
  const { parts, values } = partsOf(filter)
  const found = parts.map(({ whole }) => `(select from runs ${whole} limit $1)`).join(' union all ')
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from (select from (${found}) as found limit $1) as counted`,
    [filter.limit, ...values],
  )
  return rows[0]?.count ?? 0
}

/** Reads only the runs that can have a code, by their indexes: runs that are done have none, and there are many. */
export async function listCodes(client: Queryable): Promise<readonly string[]> {
  const { rows } = await client.query<{ code: string }>(
    `select code from runs where finished_at is null and code is not null
     union select code from runs where ended_as in ('refused', 'cancelled') and code is not null order by code`,
  )
  return rows.map(({ code }) => code)
}

/** One query for each kind of state, each with an index of its own. Together they contain the newest runs of all. */
function partsOf({ tenant, states, integration, event, replay, subject, code, since }: RunFilter) {
  const { where, values } = conditions([
    ['runs.tenant_id = (select id from tenants where slug = $)', tenant],
    ['runs.integration = $', integration],
    ['runs.event_id = $', event],
    ['runs.replay_id = $', replay],
    ['runs.subject = $', subject],
    ['runs.code = $', code],
    ['runs.created_at >= $', since],
  ])
  // Runs that are done have no code, and they are by far the most.
  const kinds = kindsOf(
    states ?? (code === undefined ? undefined : [...unfinishedStates, 'refused', 'cancelled']),
  )
  const parts = kinds.map(({ condition, few }) => {
    const all = [where, condition].filter((part) => part !== '')
    return { whole: all.length === 0 ? '' : `where ${all.join(' and ')}`, few }
  })
  return { parts, values }
}

interface Kind {
  readonly condition: string
  /** Few runs, with an index of their own. */
  readonly few?: true
}

/** Repeats the predicate of the partial index literally: with a parameter instead, the planner could not use the index. */
function kindsOf(states: readonly RunState[] | undefined): readonly Kind[] {
  if (states === undefined) return [{ condition: '' }]
  const open = unfinishedStates.filter((state) => states.includes(state))
  return [
    ...(open.length === 0
      ? []
      : [{ condition: `runs.finished_at is null and runs.state in (${listSql(open)})`, few: true } as const]),
    ...(['refused', 'cancelled'] as const)
      .filter((state) => states.includes(state))
      .map((state) => ({ condition: `runs.ended_as = '${state}'` })),
    ...(states.includes('done') ? [{ condition: `runs.state = 'done'` }] : []),
  ]
}

/**
 * The runs that a name may mean: the run with this id, or else all whose ids begin with it; for an event and an application the
 * newest run of each connection.
 */
export async function findRuns(
  client: Queryable,
  name: RunName,
  { tenant, integration, limit }: Pick<RunFilter, 'tenant' | 'integration' | 'limit'>,
): Promise<readonly RunView[]> {
  const { where, values } = conditions([
    [columnOf(name), name.value],
    ['runs.tenant_id = (select id from tenants where slug = $)', tenant],
    ['runs.integration = $', integration],
  ])
  // The shortest of the ids with this beginning comes first: it is the one that is given in full.
  const [distinct, order] =
    name.kind === 'id'
      ? ['', 'runs.id']
      : ['distinct on (runs.connection_id)', 'runs.connection_id, runs.created_at desc, runs.id desc']
  const { rows } = await client.query<RunRow>(
    `select * from (
       select ${distinct} ${runColumns} from tenants join runs on runs.tenant_id = tenants.id where ${where}
       order by ${order} limit $1
     ) as found order by created_at desc, id desc`,
    [limit, ...values],
  )
  const same = rows.filter(({ id }) => name.kind === 'id' && id === name.value)
  return (same.length > 0 ? same : rows).map(toRunView)
}

/** Ids consist of digits, lower-case letters and underscores, so all with the same beginning lie within this range. */
function columnOf({ kind }: RunName): string {
  if (kind === 'event') return 'runs.event_id = $'
  if (kind === 'application') return 'runs.subject = $'
  return `runs.id between $ and $ || repeat('z', 60) and starts_with(runs.id, $)`
}
