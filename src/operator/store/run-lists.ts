/** Lists of runs, and the run that somebody means. No personal data is in them. */
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

/** How many there are, counted up to the limit. In no order: one would be made of all of them first. */
export async function countRuns(client: Queryable, filter: RunFilter): Promise<number> {
  const { parts, values } = partsOf(filter)
  const found = parts.map(({ whole }) => `(select from runs ${whole} limit $1)`).join(' union all ')
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from (select from (${found}) as found limit $1) as counted`,
    [filter.limit, ...values],
  )
  return rows[0]?.count ?? 0
}

/** Of the few runs that may have one, in the words of their indexes: what is done has none. */
export async function listCodes(client: Queryable): Promise<readonly string[]> {
  const { rows } = await client.query<{ code: string }>(
    `select code from runs where finished_at is null and code is not null
     union select code from runs where ended_as in ('refused', 'cancelled') and code is not null order by code`,
  )
  return rows.map(({ code }) => code)
}

/** For each kind of state the newest by an index of that kind. Together they have the newest of all. */
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
  // What is done has no code, and there is by far the most of it.
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
  /** There are few of them, and they have an index of their own. */
  readonly few?: true
}

/** In the words of the index that leads past the runs in other states: a plan that serves any `$` could not use it. */
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
 * Those that a name may mean: the run of this id, else all whose ids begin so; of an event and of an application the newest for each
 * connection.
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
  // Of ids that begin alike the shortest comes first, which is the one that is named in full.
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

/** An id has digits, small letters and underscores, so that all that begin alike lie within this range. */
function columnOf({ kind }: RunName): string {
  if (kind === 'event') return 'runs.event_id = $'
  if (kind === 'application') return 'runs.subject = $'
  return `runs.id between $ and $ || repeat('z', 60) and starts_with(runs.id, $)`
}
