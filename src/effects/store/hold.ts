/** Takes rows of the ledger for runs, and returns what the ledger knows. Many in one statement. */
import { type ConnectionId, type EffectId, newEffectId, type RunId } from '../../base/ids.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { EffectName, Elsewhere, LedgerRow } from '../../runs/ports.ts'
import { giveUpAfterSeconds } from '../../runs/retry-policy.ts'
import type { Lease } from '../../runs/run.ts'
import { activeStates } from '../../runs/run.ts'
import { listSql } from '../../runs/store/transition.ts'
import type { Existing } from '../../sdk/ensure.ts'

interface EffectRow extends ElsewhereRow {
  readonly id: EffectId
  readonly of_connection: ConnectionId
  readonly of_kind: string
  readonly hash: Buffer
  readonly state: 'intended' | 'done'
  readonly holder_run: RunId
  readonly how: 'found' | 'created' | 'adopted' | null
  readonly remote_id: string | null
  readonly made_by_run: RunId | null
  readonly attempted_ago: number | null
  readonly exists_ago: number | null
  readonly announced: boolean
  readonly makes: number
  readonly failure_code: string | null
  readonly failure_reason: string | null
  readonly made_for: string | null
  readonly made_at: number | null
  readonly now: number
  readonly busy_run: RunId | null
}

export interface ElsewhereRow {
  readonly elsewhere_id: string | null
  readonly elsewhere_how: Existing['how'] | null
  readonly elsewhere_at: number | null
  readonly elsewhere_ago: number | null
}

/**
 * For which application, and when: from the row's own columns, or else from its run. And whether a call was ever announced:
 * `makes_since` stays when a clear "no" resets `attempted_at`.
 */
export function madeSql(effects: string): string {
  const subject = `select subject from runs where runs.id = ${effects}.made_by_run`
  const line = `select finished_at from steps where run_id = ${effects}.made_by_run and steps.title = ${effects}.title`
  return `coalesce(${effects}.made_for, (${subject})) as made_for,
    extract(epoch from coalesce(${effects}.made_at, (${line})))::float8 as made_at,
    coalesce(${effects}.attempted_at, ${effects}.makes_since) is not null as announced, extract(epoch from now())::float8 as now`
}

export function elsewhereOf(row: ElsewhereRow): Elsewhere | undefined {
  const { elsewhere_id: id, elsewhere_how: how, elsewhere_at: at, elsewhere_ago: ago } = row
  if (at === null || ago === null) return undefined
  return { record: id === null || how === null ? undefined : { id, how }, at, ago }
}

export interface Wanted extends Omit<EffectName, 'key'> {
  readonly lease: Lease
  readonly hash: Buffer
}

/** One row, and one application, at most once in a statement: the second must see what the first has taken. */
export function keysOf(wanted: Wanted): readonly string[] {
  const { connection, kind, application } = wanted
  return [rowKey(wanted), ...(application === undefined ? [] : [`${connection} ${kind} of ${application}`])]
}

function rowKey({ connection, kind, hash }: Pick<Wanted, 'connection' | 'kind' | 'hash'>): string {
  return `${connection} ${kind} ${hash.toString('hex')}`
}

/** What was counted before the run was resumed no longer counts: something has changed since. */
export const resumed = (run: string) =>
  `coalesce((select resumed_at from runs where id = ${run}), '-infinity'::timestamptz)`
export const countedSince = (run: string) =>
  `greatest(${resumed(run)}, now() - interval '${giveUpAfterSeconds} seconds')`

/** Not taken: it is done, or an active run holds it. */
const isLeft = `(held.state = 'done' or exists (
  select from runs where id = held.holder_run and id <> excluded.holder_run and state in (${listSql(activeStates)})))`

/**
 * Takes each row that is free: its holder is this run, or a run that has ended or parked. Otherwise the no-op update makes the
 * statement return the holder, and keeps the row locked meanwhile.
 * A row that is done is left as it is: two runs, each holding a row that the other needs, would wait for ever.
 * Rows of an earlier version lack the application and the time, so both come from their run and its journal.
 * Applications are locked in order, then rows in order, so that no two statements deadlock.
 */
const holdSql = `
  with given as materialized (
    select given.*, other.*
    from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[])
      as given (effect_id, of_connection, of_kind, hash, effect_title, run_id, lease, application)
    join runs on runs.id = given.run_id and runs.lease = given.lease
    left join lateral effect_of_application(of_connection, of_kind, application, hash, run_id) as other on true
  ), let_go as (
    update effects set holder_run = null, updated_at = now() from given
    where busy_run is not null and connection_id = of_connection and made_for = application and kind = of_kind
      and holder_run = run_id and state = 'intended'
  ), held as (
    insert into effects as held (id, connection_id, kind, key_hash, title, holder_run, made_for)
    select effect_id, of_connection, of_kind, hash, effect_title, run_id, application from given where busy_run is null
    order by of_connection, of_kind, hash
    on conflict (connection_id, kind, key_hash) do update set
      holder_run = case when ${isLeft} then held.holder_run else excluded.holder_run end,
      made_for = case when ${isLeft} or held.attempted_at is not null and held.made_for is not null
        then held.made_for else excluded.made_for end,
      updated_at = now()
    returning id, connection_id, kind, key_hash, state, holder_run, how, remote_id, made_by_run,
      extract(epoch from now() - attempted_at)::float8 as attempted_ago,
      failure_code, failure_reason, case when makes_since > ${countedSince('holder_run')} then makes else 0 end as makes,
      case when exists_at > ${resumed('holder_run')} then extract(epoch from now() - exists_at)::float8 end as exists_ago,
      ${madeSql('held')}
  )
  select given.*, held.* from given
  left join held on key_hash = hash and kind = of_kind and connection_id = of_connection`

export async function holdRows(
  client: Queryable,
  wanted: readonly Wanted[],
): Promise<readonly (LedgerRow | { readonly heldBy: RunId } | 'lost')[]> {
  const given = wanted.toSorted((one, other) => compare(one.application, other.application))
  const { rows } = await client.query<EffectRow>(holdSql, [
    given.map(() => newEffectId()),
    given.map(({ connection }) => connection),
    given.map(({ kind }) => kind),
    given.map(({ hash }) => hash),
    given.map(({ title }) => title),
    given.map(({ lease }) => lease.run),
    given.map(({ lease }) => lease.token),
    given.map(({ application }) => application ?? null),
  ])
  const held = new Map(
    rows.map((row) => [rowKey({ connection: row.of_connection, kind: row.of_kind, hash: row.hash }), row]),
  )
  return wanted.map((one) => {
    const row = held.get(rowKey(one))
    if (row === undefined) return 'lost'
    if (row.busy_run !== null) return { heldBy: row.busy_run }
    if (row.state !== 'done' && row.holder_run !== one.lease.run) return { heldBy: row.holder_run }
    return {
      id: row.id,
      state: row.state,
      how: row.how ?? undefined,
      remoteId: row.remote_id ?? undefined,
      madeBy: row.made_by_run ?? undefined,
      attemptedAgo: row.attempted_ago ?? undefined,
      announced: row.announced,
      makes: row.makes,
      last:
        row.failure_code === null || row.makes === 0
          ? undefined
          : { code: row.failure_code, message: row.failure_reason ?? '' },
      existsAgo: row.exists_ago ?? undefined,
      madeFor: row.made_for ?? undefined,
      madeAt: row.made_at ?? undefined,
      madeAgo: row.made_at === null ? undefined : row.now - row.made_at,
      elsewhere: elsewhereOf(row),
    }
  })
}

function compare(one = '', other = ''): number {
  return one < other ? -1 : Number(one > other)
}
