/** The ledger of effects in Postgres. Every write is guarded by the lease; keys are stored as keyed hashes only. */
import { createHmac } from 'node:crypto'

import type pg from 'pg'

import { type EffectId, newEffectId, type RunId } from '../base/ids.ts'
import { type EffectName, LeaseLost, type Ledger, type LedgerRow } from '../runs/ports.ts'
import type { Lease } from '../runs/run.ts'
import { type Again, type Queryable, queryable } from './transaction.ts'

interface LedgerDeps {
  readonly pool: pg.Pool
  readonly again: Again
  /** Key of the keyed hashes: one for the installation, never rotated. */
  readonly hashKey: Buffer
}

interface EffectRow {
  readonly id: EffectId
  readonly state: 'intended' | 'done'
  readonly holder_run: RunId
  readonly how: 'found' | 'created' | 'adopted' | null
  readonly remote_id: string | null
  readonly made_by_run: RunId | null
  readonly attempted_ago: number | null
  readonly exists_ago: number | null
}

export function createLedger({ pool, again, hashKey }: LedgerDeps): Ledger {
  const client = queryable(pool)
  const write = (lease: Lease, effect: EffectId, change: Change) =>
    again(() => guarded(client, { lease, effect, change }))
  return {
    hold: (lease, name) => again(() => hold(client, lease, { ...name, hash: keyHash(hashKey, name.key) })),
    attempt: (lease, effect) => write(lease, effect, { set: 'attempted_at = now()' }),
    notMade: (lease, effect) => write(lease, effect, { set: 'attempted_at = null' }),
    exists: (lease, effect) => write(lease, effect, { set: 'exists_at = now(), attempted_at = null' }),
    done: (lease, effect, { id, how }) =>
      write(lease, effect, {
        set: `state = 'done', remote_id = $4, how = $5, made_by_run = $3`,
        values: [id, how],
      }),
  }
}

/** Trimmed, composed and lower-cased, so that spellings of one e-mail are one key. */
export function keyHash(hashKey: Buffer, key: string): Buffer {
  return createHmac('sha256', hashKey).update(key.trim().normalize('NFC').toLowerCase()).digest()
}

/**
 * Takes the row when nobody is on it: its holder is this run, or a run that has ended or parked. The no-op update in
 * the other case makes the statement answer with who is on it, and keeps the row locked while it decides.
 */
const holdSql = `
  insert into effects as held (id, connection_id, kind, key_hash, title, holder_run)
  select $1, $2, $3, $4, $5, id from runs where id = $6 and lease = $7
  on conflict (connection_id, kind, key_hash) do update set
    holder_run = case when held.holder_run is not null and held.holder_run <> excluded.holder_run and exists (
        select 1 from runs where id = held.holder_run and state in ('queued', 'running', 'waiting'))
      then held.holder_run else excluded.holder_run end,
    updated_at = now()
  returning id, state, holder_run, how, remote_id, made_by_run,
    extract(epoch from now() - attempted_at)::float8 as attempted_ago,
    extract(epoch from now() - exists_at)::float8 as exists_ago`

async function hold(
  client: Queryable,
  lease: Lease,
  { connection, kind, title, hash }: EffectName & { readonly hash: Buffer },
): Promise<LedgerRow | { readonly heldBy: RunId }> {
  const { rows } = await client.query<EffectRow>(holdSql, [
    newEffectId(),
    connection,
    kind,
    hash,
    title,
    lease.run,
    lease.token,
  ])
  const [row] = rows
  if (row === undefined) throw new LeaseLost()
  if (row.holder_run !== lease.run) return { heldBy: row.holder_run }
  return {
    id: row.id,
    state: row.state,
    how: row.how ?? undefined,
    remoteId: row.remote_id ?? undefined,
    madeBy: row.made_by_run ?? undefined,
    attemptedAgo: row.attempted_ago ?? undefined,
    existsAgo: row.exists_ago ?? undefined,
  }
}

interface Change {
  readonly set: string
  readonly values?: readonly string[]
}

/** Only the run that holds both its lease and the row writes; otherwise its time is over. */
async function guarded(
  client: Queryable,
  { lease, effect, change }: { readonly lease: Lease; readonly effect: EffectId; readonly change: Change },
): Promise<void> {
  const { rowCount } = await client.query(
    `update effects set ${change.set}, updated_at = now()
     where id = $1 and holder_run = $3
       and exists (select 1 from runs where id = $3 and lease = $2)`,
    [effect, lease.token, lease.run, ...(change.values ?? [])],
  )
  if (rowCount === 0) throw new LeaseLost()
}
