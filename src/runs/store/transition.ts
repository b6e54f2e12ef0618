/** Every change of a run's state: one guarded update, with its turn, its line in the timeline, and its result. */
import type { ConnectionId, RunId } from '../../base/ids.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import { isFinished, type RunState, statesBefore } from '../run.ts'

/** One state, or several states and the SQL expression that chooses one. */
export type Target<State extends RunState> =
  State | { readonly states: readonly State[]; readonly sql: string }

/** SQL expressions by column. */
export type Columns = Readonly<Record<string, string>>

/** Columns copied by name from a part of the statement. */
export function columnsFrom(part: string, columns: readonly string[]): Columns {
  return Object.fromEntries(columns.map((column) => [column, `${part}.${column}`]))
}

/** A line of the timeline. Its expressions read columns of the moved runs and values of the statement. */
export interface Line {
  readonly code?: string
  readonly reason?: string
  /** The calls of the attempt that has ended. */
  readonly calls?: string
  /** Default: a line for each moved run. */
  readonly where?: string
}

export interface Transition {
  /** Default: every state from which a run may enter this one. */
  readonly from?: readonly RunState[]
  readonly to: Target<RunState>
  /** The condition on the runs in these states. */
  readonly where: string
  /** A table, or a part of the statement, that the expressions may read as well. */
  readonly using?: string
  /** Columns of `using` to return, besides those of `runs`. */
  readonly returning?: string
  /** Adds to, or replaces, what every transition sets. */
  readonly set?: Columns
  /** `none`: the run stays in its state and is due at once. */
  readonly line: Line | 'none'
}

/** The previous worker no longer has the run, and the run no longer waits. */
const everywhere: Columns = {
  turn: 'runs.turn + 1',
  lease: 'null',
  worker: 'null',
  next_at: 'null',
  waiting_for: 'null',
  updated_at: 'now()',
}

/** The state of a run whose failure somebody has dealt with. */
export const freshBudget: Columns = {
  failures: '0',
  first_failed_at: 'null',
  takeovers: '0',
  resumed_at: 'now()',
}

export const withoutReason: Columns = {
  code: 'null',
  reason: 'null',
  fix: 'null',
  resumes_on: 'null',
  connection_revision: 'null',
}

/** It says why it has ended, and no more what it had waited for and what would have mended that. */
function cancelledBecause(line: Transition['line']): Columns {
  return { ...withoutReason, reason: line === 'none' ? 'null' : (line.reason ?? 'null') }
}

/** Two parts of a statement: `name`, the runs as they are now, and the lines of their timelines. */
export function transitionSql(name: string, transition: Transition): string {
  const { to, from, where, using, set, line } = transition
  const columns = {
    ...everywhere,
    ...(to === 'cancelled' && cancelledBecause(line)),
    state: stateSql(to),
    finished_at: finishedAtSql(to),
    ...set,
  }
  const assignments = Object.entries(columns).map(([column, value]) => `${column} = ${value}`)
  const returning = transition.returning === undefined ? 'runs.*' : `runs.*, ${transition.returning}`
  const moved = `${name} as (
    update runs set ${assignments.join(', ')}
    ${using === undefined ? '' : `from ${using}`}
    where ${isIn(to, from)} and ${where}
    returning ${returning}
  )`
  return line === 'none' ? moved : `${moved}, ${timelineSql(name, line)}`
}

export function timelineSql(
  name: string,
  { code = 'null', reason = 'null', calls = 'null::jsonb', where = 'true' }: Line,
): string {
  return `${name}_timeline as (
    insert into run_history (run_id, attempt, state, code, reason, calls)
    select id, attempt, state, ${code}, ${reason}, ${calls} from ${name} where ${where}
  )`
}

/** The guard of a transition. Throws if the table of `run.ts` does not have it. */
export function isIn(to: Target<RunState>, from: readonly RunState[] = statesOf(to).flatMap(statesBefore)) {
  for (const target of statesOf(to)) {
    const wrong = from.find((state) => !statesBefore(target).includes(state))
    if (wrong !== undefined) throw new Error(`a run that is ${wrong} does not become ${target}`)
  }
  return `runs.state in (${listSql([...new Set(from)])})`
}

/** A list for `in`. */
export function listSql(states: readonly RunState[]): string {
  return states.map((state) => `'${state}'`).join(', ')
}

export function stateSql(to: Target<RunState>): string {
  return typeof to === 'string' ? `'${to}'` : to.sql
}

function finishedAtSql(to: Target<RunState>): string {
  const finished = statesOf(to).filter(isFinished)
  if (finished.length === 0) return 'null'
  return typeof to === 'string' ? 'now()' : `case when ${to.sql} in (${listSql(finished)}) then now() end`
}

function statesOf<State extends RunState>(to: Target<State>): readonly State[] {
  return typeof to === 'string' ? [to] : to.states
}

/** A run that was moved or started, as the queue takes it. */
export interface Moved {
  readonly run: RunId
  readonly turn: number
  readonly connection: ConnectionId
  readonly at?: Date
  readonly attempt: number
}

/** The last part of a statement: returns the moved or started runs. */
export const movedSql = (name: string) =>
  `select id, turn, attempt, connection_id, case when next_at > now() then next_at end as at from ${name} order by next_at, id`

export interface MovedRow {
  readonly id: RunId
  readonly turn: number
  readonly attempt: number
  readonly connection_id: ConnectionId
  readonly at: Date | null
}

export function toMoved({ id: run, turn, attempt, connection_id: connection, at }: MovedRow): Moved {
  return { run, turn, attempt, connection, ...(at !== null && { at }) }
}

/** A transition as a statement of its own, in the transaction that sends the jobs of the returned runs. */
export async function moveRuns(
  client: Queryable,
  transition: Transition & { readonly values: readonly unknown[] },
): Promise<readonly Moved[]> {
  const { rows } = await client.query<MovedRow>(
    `with ${transitionSql('moved', transition)} ${movedSql('moved')}`,
    transition.values,
  )
  return rows.map(toMoved)
}
