/**
 * The ledger of effects in Postgres. Every write is guarded by the lease; keys are stored as keyed hashes only. What runs in
 * flight ask for at one moment shares a statement, and so a commit.
 */
import { createSecretKey } from 'node:crypto'

import type pg from 'pg'

import type { LastFailure } from '../../base/failure.ts'
import { type ConnectionId, type EffectId, newEffectId, type RunId } from '../../base/ids.ts'
import type { Sealer } from '../../base/seal.ts'
import { keyHash } from '../../keys/store/keyed.ts'
import { batched, gatherWork } from '../../postgres/batched.ts'
import { type DatabaseRetry, type Queryable, queryable } from '../../postgres/transaction.ts'
import { type JournalStep, LeaseLost, type Ledger, type LedgerRow } from '../../runs/ports.ts'
import { giveUpAfterSeconds } from '../../runs/retry-policy.ts'
import type { Lease } from '../../runs/run.ts'
import { activeStates } from '../../runs/run.ts'
import { lineColumns, tellAgainSql } from '../../runs/store/journal.ts'
import { listSql } from '../../runs/store/transition.ts'
import type { Existing } from '../../sdk/ensure.ts'

interface LedgerDeps {
  readonly pool: pg.Pool
  readonly sealer: Sealer
  readonly withDatabaseRetry: DatabaseRetry
  /** Key of the keyed hashes: one for the installation, never rotated. */
  readonly hashKey: Buffer
}

interface EffectRow {
  readonly id: EffectId
  readonly connection_id: ConnectionId
  readonly kind: string
  readonly key_hash: Buffer
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
}

export function createLedger({ pool, sealer, withDatabaseRetry, hashKey }: LedgerDeps): Ledger {
  const client = queryable(pool)
  // Bytes would be made into a key at each hash, which takes longer than hashing.
  const secret = createSecretKey(hashKey)
  const hold = batched({ size: 200, keyOf: rowKey, ...gatherWork }, (wanted: readonly Wanted[]) =>
    holdRows(client, wanted),
  )
  const change = batched(
    { size: 200, keyOf: ({ effect }) => effect, ...gatherWork },
    (changes: readonly Change[]) => changeRows(client, sealer, changes),
  )
  const write = async (to: Change) => {
    if (!(await withDatabaseRetry(() => change(to)))) throw new LeaseLost()
  }
  return {
    async hold(lease, { connection, kind, title, key }) {
      const hash = keyHash(secret, key)
      const row = await withDatabaseRetry(() => hold({ lease, connection, kind, title, hash }))
      if (row === 'lost') throw new LeaseLost()
      return row
    },
    attempt: (lease, effect) => write({ lease, effect, to: 'attempted' }),
    notMade: (lease, effect) => write({ lease, effect, to: 'not_made' }),
    unclear: (lease, effect, why) => write({ lease, effect, to: 'unclear', why }),
    exists: (lease, effect) => write({ lease, effect, to: 'exists' }),
    done: (lease, effect, { line, ...made }) => write({ lease, effect, to: 'done', made, line }),
    free: (lease, effect) => write({ lease, effect, to: 'freed' }),
  }
}

/**
 * For which application and when, in columns of the row or else by what is kept of the run; and whether a call was ever announced:
 * `makes_since` stays when a clear "no" takes `attempted_at` back.
 */
export function madeSql(effects: string): string {
  const subject = `select subject from runs where runs.id = ${effects}.made_by_run`
  const line = `select finished_at from steps where run_id = ${effects}.made_by_run and steps.title = ${effects}.title`
  return `coalesce(${effects}.made_for, (${subject})) as made_for,
    extract(epoch from coalesce(${effects}.made_at, (${line})))::float8 as made_at,
    coalesce(${effects}.attempted_at, ${effects}.makes_since) is not null as announced, extract(epoch from now())::float8 as now`
}

interface Wanted {
  readonly lease: Lease
  readonly connection: ConnectionId
  readonly kind: string
  readonly title: string
  readonly hash: Buffer
}

function rowKey({ connection, kind, hash }: Pick<Wanted, 'connection' | 'kind' | 'hash'>): string {
  return `${connection} ${kind} ${hash.toString('hex')}`
}

/** What was counted or told before the run was resumed is forgotten: something has changed since. */
const resumed = (run: string) =>
  `coalesce((select resumed_at from runs where id = ${run}), '-infinity'::timestamptz)`
const countedSince = (run: string) =>
  `greatest(${resumed(run)}, now() - interval '${giveUpAfterSeconds} seconds')`

/**
 * Takes each row when nobody is on it: its holder is this run, or a run that has ended or parked. The no-op update in
 * the other case makes the statement answer with who is on it, and keeps the row locked while it decides.
 * A row that is done is left as it is: two runs, each on a row that the other one has to pass, would wait for ever.
 * What a process of an earlier version has done says neither for which application nor when: its run and its line do.
 */
const holdSql = `
  insert into effects as held (id, connection_id, kind, key_hash, title, holder_run)
  select given.id, given.connection_id, given.kind, given.key_hash, given.title, runs.id
  from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[])
    as given (id, connection_id, kind, key_hash, title, run_id, lease)
  join runs on runs.id = given.run_id and runs.lease = given.lease
  order by given.connection_id, given.kind, given.key_hash
  on conflict (connection_id, kind, key_hash) do update set
    holder_run = case when held.state = 'done'
        or held.holder_run is not null and held.holder_run <> excluded.holder_run and exists (
          select 1 from runs where id = held.holder_run and state in (${listSql(activeStates)}))
      then held.holder_run else excluded.holder_run end,
    updated_at = now()
  returning id, connection_id, kind, key_hash, state, holder_run, how, remote_id, made_by_run,
    extract(epoch from now() - attempted_at)::float8 as attempted_ago,
    failure_code, failure_reason, case when makes_since > ${countedSince('holder_run')} then makes else 0 end as makes,
    case when exists_at > ${resumed('holder_run')} then extract(epoch from now() - exists_at)::float8 end as exists_ago,
    ${madeSql('held')}`

async function holdRows(
  client: Queryable,
  wanted: readonly Wanted[],
): Promise<readonly (LedgerRow | { readonly heldBy: RunId } | 'lost')[]> {
  const { rows } = await client.query<EffectRow>(holdSql, [
    wanted.map(() => newEffectId()),
    wanted.map(({ connection }) => connection),
    wanted.map(({ kind }) => kind),
    wanted.map(({ hash }) => hash),
    wanted.map(({ title }) => title),
    wanted.map(({ lease }) => lease.run),
    wanted.map(({ lease }) => lease.token),
  ])
  const held = new Map(
    rows.map((row) => [rowKey({ connection: row.connection_id, kind: row.kind, hash: row.key_hash }), row]),
  )
  return wanted.map((one) => {
    const row = held.get(rowKey(one))
    if (row === undefined) return 'lost'
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
    }
  })
}

interface Change {
  readonly lease: Lease
  readonly effect: EffectId
  readonly to: 'attempted' | 'not_made' | 'unclear' | 'exists' | 'done' | 'freed'
  readonly why?: LastFailure
  readonly made?: Existing
  readonly line?: JournalStep | undefined
}

/**
 * Only the run that holds both its lease and the row writes; otherwise its time is over. What is done is nobody's: a run takes it
 * when a person has decided so of what stands there. The rows are locked in the order
 * in which `hold` takes them, so that no two processes wait for each other.
 */
const changeSql = `
  with mine as (
    select effects.id, runs.subject, given.*
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[],
        $10::bytea[], $11::timestamptz[], $12::text[], $13::text[])
      as given (effect_id, run_id, lease, change, remote_id, how, title, outcome, attempt, sealed_output, started_at,
        failure_code, failure_reason)
    join runs on runs.id = given.run_id and runs.lease = given.lease
    join effects on effects.id = given.effect_id and (effects.holder_run = given.run_id or
      change in ('done', 'freed') and effects.state = 'done' and runs.decision_before > coalesce(effects.made_at, '-infinity'))
    order by effects.connection_id, effects.kind, effects.key_hash
    for no key update of effects
  ), told as (
    insert into steps (run_id, title, outcome, remote_id, attempt, sealed_output, started_at, finished_at)
    select run_id, title, outcome, remote_id, attempt, sealed_output, started_at, now() from mine where title is not null
    ${tellAgainSql}
  )
  update effects set
    state = case change when 'done' then 'done' when 'freed' then 'intended' else state end,
    holder_run = mine.run_id,
    attempted_at = case when change = 'attempted' then now() when change in ('done', 'unclear') then attempted_at
      when change = 'freed' and state = 'intended' then attempted_at end,
    makes = case when change = 'attempted' then 1 + case when makes_since > ${countedSince('mine.run_id')} then makes else 0 end
      when change = 'not_made' and attempted_at is not null then greatest(0, makes - 1) else makes end,
    makes_since = case when change = 'attempted' and makes_since > ${countedSince('mine.run_id')} is not true
      then greatest(now(), ${resumed('mine.run_id')} + interval '1 microsecond')
      else makes_since end,
    failure_code = case when change = 'unclear' then mine.failure_code else effects.failure_code end,
    failure_reason = case when change = 'unclear' then mine.failure_reason else effects.failure_reason end,
    exists_at = case when change = 'exists' then now() else exists_at end,
    remote_id = case change when 'done' then mine.remote_id when 'freed' then null else effects.remote_id end,
    how = case change when 'done' then mine.how when 'freed' then null else effects.how end,
    made_by_run = case change when 'done' then mine.run_id when 'freed' then null else made_by_run end,
    made_for = case when change in ('done', 'freed') then mine.subject else made_for end,
    made_at = case when change in ('done', 'freed') then now() else made_at end,
    updated_at = now()
  from mine where effects.id = mine.id
  returning effects.id`

/** False for a change whose run has been taken over. */
async function changeRows(
  client: Queryable,
  sealer: Sealer,
  changes: readonly Change[],
): Promise<readonly boolean[]> {
  const { rows } = await client.query<{ id: EffectId }>(changeSql, [
    changes.map(({ effect }) => effect),
    changes.map(({ lease }) => lease.run),
    changes.map(({ lease }) => lease.token),
    changes.map(({ to }) => to),
    changes.map(({ made }) => made?.id ?? null),
    changes.map(({ made }) => made?.how ?? null),
    ...lineColumns(sealer, changes),
    changes.map(({ why }) => why?.code ?? null),
    changes.map(({ why }) => why?.message ?? null),
  ])
  const written = new Set(rows.map(({ id }) => id))
  return changes.map(({ effect }) => written.has(effect))
}
