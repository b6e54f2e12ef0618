/**
 * The ledger of effects in Postgres. Every write is guarded by the lease; keys are stored as keyed hashes only. Concurrent
 * requests of runs share a statement, and so a commit.
 */
import { createSecretKey } from 'node:crypto'

import type pg from 'pg'

import type { LastFailure } from '../../base/failure.ts'
import type { EffectId } from '../../base/ids.ts'
import type { Sealer } from '../../base/seal.ts'
import { keyHash } from '../../keys/store/keyed.ts'
import { batched, gatherWork } from '../../postgres/batched.ts'
import { type DatabaseRetry, type Queryable, queryable } from '../../postgres/transaction.ts'
import { type JournalStep, LeaseLost, type Ledger } from '../../runs/ports.ts'
import type { Lease } from '../../runs/run.ts'
import { lineColumns, tellAgainSql } from '../../runs/store/journal.ts'
import type { Existing } from '../../sdk/ensure.ts'
import { countedSince, holdRows, keysOf, resumed, type Wanted } from './hold.ts'

interface LedgerDeps {
  readonly pool: pg.Pool
  readonly sealer: Sealer
  readonly withDatabaseRetry: DatabaseRetry
  /** Key of the keyed hashes: one for the installation, never rotated. */
  readonly hashKey: Buffer
}

export function createLedger({ pool, sealer, withDatabaseRetry, hashKey }: LedgerDeps): Ledger {
  const client = queryable(pool)
  // Converted once: making a key out of bytes takes longer than hashing.
  const secret = createSecretKey(hashKey)
  const hold = batched({ size: 200, keyOf: keysOf, ...gatherWork }, (wanted: readonly Wanted[]) =>
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
    async hold(lease, { key, ...name }) {
      const row = await withDatabaseRetry(() => hold({ ...name, lease, hash: keyHash(secret, key) }))
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

interface Change {
  readonly lease: Lease
  readonly effect: EffectId
  readonly to: 'attempted' | 'not_made' | 'unclear' | 'exists' | 'done' | 'freed'
  readonly why?: LastFailure
  readonly made?: Existing
  readonly line?: JournalStep | undefined
}

/**
 * Only the run that holds both its lease and the row writes; otherwise it has been taken over. Nobody holds a row that is done: a run
 * changes it only by a person's later decision. Rows are locked in the order in which `hold` takes them, so that no two processes
 * deadlock.
 */
const changeSql = `
  with mine as (
    select effects.id, runs.subject, effects.mapping_version as announced_with, given.*
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[],
        $10::bytea[], $11::timestamptz[], $12::text[], $13::text[], $14::int[])
      as given (effect_id, run_id, lease, change, remote_id, how, title, outcome, attempt, sealed_output, started_at,
        failure_code, failure_reason, mapping)
    join runs on runs.id = given.run_id and runs.lease = given.lease
    join effects on effects.id = given.effect_id and (effects.holder_run = given.run_id or
      change in ('done', 'freed') and effects.state = 'done' and runs.decision_before > coalesce(effects.made_at, '-infinity'))
    order by effects.connection_id, effects.kind, effects.key_hash
    for no key update of effects
  ), told as (
    insert into steps (run_id, title, outcome, remote_id, attempt, sealed_output, started_at, finished_at, mapping_version)
    select run_id, title, outcome, remote_id, attempt, sealed_output, started_at, now(),
      case when how <> 'found' then announced_with end from mine where title is not null
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
    made_for = case when change in ('attempted', 'done', 'freed') and made_for is not null then mine.subject else made_for end,
    made_at = case when change in ('done', 'freed') then now() else made_at end,
    mapping_version = case when change = 'attempted' then mine.mapping
      when change = 'done' and mine.how = 'found' or change = 'not_made' or change = 'freed' and state = 'done' then null
      else mapping_version end,
    updated_at = now()
  from mine where effects.id = mine.id
  returning effects.id`

/** False for each change whose run has been taken over. */
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
    changes.map(({ lease }) => lease.mappingVersion ?? null),
  ])
  const written = new Set(rows.map(({ id }) => id))
  return changes.map(({ effect }) => written.has(effect))
}
