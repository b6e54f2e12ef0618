/** Tenants in Postgres. Keys and signing secrets are decrypted in memory only. */
import type pg from 'pg'
import { z } from 'zod'

import type { Failure } from '../../base/failure.ts'
import type { TenantId } from '../../base/ids.ts'
import { SealBroken, type Sealer } from '../../base/seal.ts'
import { inTransaction, type Queryable, queryable } from '../../postgres/transaction.ts'
import type { SharedWakeUp } from '../../queue/wake-ups.ts'
import type { TenantStore } from '../ports.ts'
import type { KeepFinished } from '../retention.ts'
import type { SweepSchedule } from '../sweep-schedule.ts'
import { type DecryptedTenant, signingSecretsAad, type Tenant } from '../tenant.ts'
import { openApiKey } from './decrypt.ts'

/** Announces every change of a tenant or connection to the processes that cache them. */
const tenantsChannel: SharedWakeUp = 'tenants_changed'

export interface TenantDeps {
  readonly pool: pg.Pool
  readonly sealer: Sealer
}

export function createTenantStore({ pool, sealer }: TenantDeps): TenantStore {
  const client = queryable(pool)
  return {
    async list() {
      const { rows } = await client.query<TenantRow>(`select ${columns} from tenants order by slug`)
      return rows.map(toTenant)
    },
    async open(slug) {
      const { rows } = await client.query<TenantRow>(`select ${columns} from tenants where slug = $1`, [slug])
      const [row] = rows
      return row === undefined ? undefined : openTenant(row, sealer)
    },
    async openAll() {
      const { rows } = await client.query<TenantRow>(`select ${columns} from tenants`)
      return rows.map((row) => ({ slug: row.slug, opened: openedOrFailure(row, sealer) }))
    },
    // Deletes everything that the tenant has collected over years, which may take longer than a statement usually may.
    remove: (slug) =>
      inTransaction(
        pool,
        async (transaction) => {
          const { rowCount } = await transaction.query(`delete from tenants where slug = $1`, [slug])
          await announceChange(transaction)
          return rowCount === 1
        },
        { atMost: 'none' },
      ),
  }
}

/** Delivered with the commit of the transaction. */
export async function announceChange(transaction: Queryable): Promise<void> {
  await transaction.query(`select pg_notify($1, '')`, [tenantsChannel])
}

export interface TenantRow {
  readonly id: TenantId
  readonly slug: string
  readonly api_url: string
  readonly sealed_api_key: Buffer
  readonly sealed_signing_secrets: Buffer
  readonly demo_hires: boolean
  readonly sweep_every_seconds: number | null
  readonly sweep_look_back_seconds: number
  readonly keep_finished_seconds: number | null
  readonly time_zone: string | null
  readonly created_at: Date
  readonly updated_at: Date
}

const columns = `id, slug, api_url, sealed_api_key, sealed_signing_secrets, sweep_every_seconds, sweep_look_back_seconds,
  keep_finished_seconds, time_zone, demo_hires, created_at, updated_at`

function toTenant(row: TenantRow): Tenant {
  const { id, slug, api_url: apiUrl, created_at: createdAt, updated_at: updatedAt } = row
  const timeZone = row.time_zone ?? undefined
  return {
    id,
    slug,
    apiUrl,
    demoHires: row.demo_hires,
    sweep: toSweep(row),
    keepFinishedFor: toKeepFinished(row),
    timeZone,
    createdAt,
    updatedAt,
  }
}

export function toSweep(
  row: Pick<TenantRow, 'sweep_every_seconds' | 'sweep_look_back_seconds'>,
): SweepSchedule {
  const { sweep_every_seconds: everySeconds, sweep_look_back_seconds: lookBackSeconds } = row
  return everySeconds === null ? 'off' : { everySeconds, lookBackSeconds }
}

export function toKeepFinished(row: Pick<TenantRow, 'keep_finished_seconds'>): KeepFinished {
  return row.keep_finished_seconds ?? 'forever'
}

export function openTenant(row: TenantRow, sealer: Sealer): DecryptedTenant {
  return {
    ...toTenant(row),
    apiKey: openApiKey({ ...row, tenant_id: row.id }, sealer),
    signingSecrets: openSigningSecrets(row, sealer),
  }
}

export function openSigningSecrets(row: Pick<TenantRow, 'id' | 'sealed_signing_secrets'>, sealer: Sealer) {
  return texts.parse(sealer.openJson(row.sealed_signing_secrets, signingSecretsAad(row.id)))
}

const texts = z.array(z.string())

function openedOrFailure(row: TenantRow, sealer: Sealer): DecryptedTenant | Failure {
  try {
    return openTenant(row, sealer)
  } catch (error) {
    if (error instanceof SealBroken) return error
    throw error
  }
}
