/** Sweeps in Postgres: claims, progress, and each page's hires committed with the cursor. */
import type pg from 'pg'

import { newEventId } from '../../base/ids.ts'
import { SealBroken, type Sealer } from '../../base/seal.ts'
import type { Quotas } from '../../intake/ports.ts'
import { readEvent } from '../../intake/read-event.ts'
import { type Incoming, sealBody } from '../../intake/store/incoming.ts'
import { lockSubjects } from '../../intake/store/store-events.ts'
import { keyed } from '../../keys/store/keyed.ts'
import { inTransaction, type Queryable, queryable, type Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { LeaseLost } from '../../runs/ports.ts'
import { restartEnded } from '../../runs/store/restart-ended.ts'
import { mostMissing, tooManyMissing } from '../bounds.ts'
import { countsOf } from '../counts.ts'
import type { ClaimedSweep, Handling, SweepEnd, SweepPage, SweepStore } from '../ports.ts'
import { storeFound } from './found-events.ts'
import { claimedColumns, type ClaimedSweepRow, leaseTerm, newLease, toClaimedSweep } from './sweep-rows.ts'
import { showSweep } from './sweep-schedule.ts'
import { type Uncovered, uncoveredHires } from './uncovered-hires.ts'

interface SweepDeps {
  readonly pool: pg.Pool
  readonly queue: Queue
  readonly quotas: Pick<Quotas, 'note'>
  readonly sealer: Sealer
  /** The installation key: identities are stored as keyed hashes. */
  readonly hashKey: Buffer
}

export function createSweepStore(deps: SweepDeps): SweepStore {
  const client = queryable(deps.pool)
  return {
    async claim(worker, id) {
      const { rows } = await client.query<ClaimedSweepRow>(claimSql, [newLease(), worker, id ?? null])
      const [row] = rows
      return row === undefined ? undefined : openOrFail(deps, row)
    },
    async record(sweep, page, handling) {
      const runs = await inTransaction(deps.pool, (transaction) =>
        record({ ...deps, client: transaction }, sweep, { page, handling }),
      )
      if (runs > 0) deps.quotas.note(sweep.tenant.id, runs)
    },
    ...createSweepLook(deps.pool),
    end: (sweep, end) => inTransaction(deps.pool, (transaction) => endSweep(transaction, sweep, end)),
  }
}

/** The part that a preview needs. */
export function createSweepLook(pool: pg.Pool): Pick<SweepStore, 'look'> {
  return {
    look: (request, hires, handling) => uncoveredHires(queryable(pool), request, { hires, handling }),
  }
}

/** Takes over a sweep whose lease has lapsed; concurrent claims take different sweeps. */
const claimSql = `
  with free as (
    select id from sweeps
    where ($3::text is null or id = $3)
      and (state in ('queued', 'waiting') and next_at <= now() or state = 'running' and lease_until < now())
    order by next_at limit 1 for update skip locked
  ), claimed as (
    update sweeps set state = 'running', lease = $1, worker = $2, lease_until = now() + ${leaseTerm}
    from free where sweeps.id = free.id returning sweeps.*
  )
  select ${claimedColumns} from claimed as sweeps join tenants on tenants.id = sweeps.tenant_id`

type Recording = Omit<SweepDeps, 'pool'> & { readonly client: Transaction }

async function record(
  deps: Recording,
  sweep: ClaimedSweep,
  { page, handling }: { readonly page: SweepPage; readonly handling: Handling },
): Promise<number> {
  const { hires, next } = page
  await lockSubjects(
    deps.client,
    hires.map(({ id }) => ({ event: { tenant: sweep.tenant, subject: id } })),
    'alone',
  )
  // After the locks: an earlier webhook is visible here, and a later one sees what is stored here.
  const found = await uncoveredHires(deps.client, sweep, { hires, handling })
  const missing = found.filter(({ verdict }) => verdict === 'missing')
  const started = await storeFound(
    deps,
    missing.map((hire) => toIncoming(deps, { sweep, found: hire, handledBy: handling })),
  )
  const restarted = await restartEnded(
    deps,
    found.flatMap(({ verdict, ended }) => (verdict === 'restarted' ? ended : [])),
  )
  const runs = started + restarted
  const counts = countsOf(found)
  const { updatedAfter, page: number } = next ?? sweep.cursor
  const { rows } = await deps.client.query<{ missing: number; confirmed: boolean }>(
    `update sweeps set updated_after = $3, page = $4, pages = pages + 1, seen = seen + $5, missing = missing + $6, runs = runs + $7,
       fresh = fresh + $8, older = older + $9, without_date = without_date + $10, restarted = restarted + $11,
       exhausted = exhausted + $12, failures = 0, lease_until = now() + ${leaseTerm}
     where id = $1 and lease = $2 and state = 'running' returning missing, confirmed`,
    [
      sweep.id,
      sweep.lease,
      updatedAfter,
      number,
      hires.length,
      counts.missing,
      runs,
      counts.fresh,
      counts.older,
      counts.withoutDate,
      counts.restarted,
      counts.exhausted,
    ],
  )
  // Rolls back what was stored above: the process that took the sweep over stores it.
  const [row] = rows
  if (row === undefined) throw new LeaseLost()
  // Likewise: nothing of this page is stored, and the cursor stays before it.
  if (row.missing > mostMissing && !row.confirmed) throw tooManyMissing(sweep.tenant.slug)
  return runs
}

/** As Pinpoint would have sent it. For a hire that has an event already, that event is asked for the missing connection. */
function toIncoming(
  { sealer, hashKey }: Pick<SweepDeps, 'sealer' | 'hashKey'>,
  {
    sweep,
    found,
    handledBy,
  }: { readonly sweep: ClaimedSweep; readonly found: Uncovered; readonly handledBy: Handling },
): Incoming {
  const { hire, integrations, told } = found
  const triggeredAt = Math.floor((hire.hiredAt ?? hire.updatedAt).getTime() / 1000)
  const job = hire.jobId === undefined ? {} : { job: { id: hire.jobId } }
  const data = { application: { id: hire.id }, ...job }
  const body = Buffer.from(JSON.stringify({ event: 'application_hired', triggeredAt, data }))
  const event = readEvent(body)
  const id = newEventId()
  return {
    id,
    origin: 'sweep',
    event: {
      ...event,
      identity: told?.identity ?? keyed(hashKey, event.identity),
      tenant: sweep.tenant,
      handledBy,
    },
    sealedBody: sealBody(sealer, id, body),
    asked: integrations,
    deliveries: 0,
  }
}

/** A key that does not decrypt is reported at its sweep; the sweeps of other tenants go on. */
async function openOrFail(deps: SweepDeps, row: ClaimedSweepRow): Promise<ClaimedSweep | undefined> {
  try {
    return toClaimedSweep(row, deps.sealer)
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error
    const { code, message: reason, fix } = error
    const { id, lease, tenant_id: tenant } = row
    await inTransaction(deps.pool, (transaction) =>
      endSweep(transaction, { id, lease, tenant: { id: tenant } }, { state: 'failed', code, reason, fix }),
    )
    return undefined
  }
}

type Held = Pick<ClaimedSweep, 'id' | 'lease'> & { readonly tenant: Pick<ClaimedSweep['tenant'], 'id'> }

async function endSweep(client: Queryable, sweep: Held, end: SweepEnd) {
  const failure = end.state === 'waiting' || end.state === 'failed' ? end : undefined
  const { rowCount } = await client.query(
    `update sweeps set state = $3, code = $4, reason = $5, fix = $6, next_at = coalesce($7, now()),
       failures = failures + $8, lease = null, worker = null, lease_until = null,
       finished_at = case when $3 in ('done', 'failed') then now() end
     where id = $1 and lease = $2 and state = 'running'`,
    [
      sweep.id,
      sweep.lease,
      end.state,
      failure?.code ?? null,
      failure?.reason ?? null,
      end.state === 'failed' ? (end.fix ?? null) : null,
      end.state === 'waiting' ? end.nextAt : null,
      end.state === 'waiting' && !end.free ? 1 : 0,
    ],
  )
  if (rowCount === 0) return undefined
  // The last sweep that succeeded decides how far back the next one looks.
  await client.query(
    `delete from sweeps where tenant_id = $1 and finished_at < now() - interval '30 days' and created_at < (
       select max(created_at) from sweeps where tenant_id = $1 and cause = 'schedule' and state = 'done')`,
    [sweep.tenant.id],
  )
  return showSweep(client, sweep.id)
}
