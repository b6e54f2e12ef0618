/** Rows of sweeps, and their mapping. */
import { randomBytes } from 'node:crypto'

import type { SweepId, TenantId } from '../../base/ids.ts'
import type { Sealer } from '../../base/seal.ts'
import { openApiKey } from '../../tenants/store/decrypt.ts'
import type { ClaimedSweep, SweepState, SweepView } from '../ports.ts'

/** One for each claim. */
export const newLease = () => randomBytes(12).toString('hex')

/** Longer than a call and the pause before it: a live process writes in time. */
export const leaseTerm = `interval '90 seconds'`

export interface ClaimedSweepRow {
  readonly id: SweepId
  readonly lease: string
  readonly cause: ClaimedSweep['cause']
  readonly tenant_id: TenantId
  readonly slug: string
  readonly api_url: string
  readonly sealed_api_key: Buffer
  readonly since: Date
  readonly any_age: boolean
  readonly undated: boolean
  readonly confirmed: boolean
  readonly updated_after: Date
  readonly page: number
  readonly pages: number
  readonly failures: number
}

export const claimedColumns = `sweeps.id, sweeps.lease, sweeps.cause, sweeps.tenant_id, tenants.slug, tenants.api_url,
  tenants.sealed_api_key, sweeps.since, sweeps.any_age, sweeps.undated,
  sweeps.confirmed, sweeps.updated_after, sweeps.page, sweeps.pages, sweeps.failures`

export function toClaimedSweep(row: ClaimedSweepRow, sealer: Sealer): ClaimedSweep {
  return {
    id: row.id,
    lease: row.lease,
    cause: row.cause,
    tenant: { id: row.tenant_id, slug: row.slug },
    since: row.since,
    anyAge: row.any_age,
    undated: row.undated,
    confirmed: row.confirmed,
    pinpoint: {
      apiUrl: row.api_url,
      apiKey: openApiKey(row, sealer),
    },
    cursor: { updatedAfter: row.updated_after, page: row.page },
    pages: row.pages,
    failures: row.failures,
  }
}

export interface SweepRow {
  readonly id: string
  readonly slug: string
  readonly cause: SweepView['cause']
  readonly state: SweepState
  readonly since: Date
  readonly seen: number
  readonly missing: number
  readonly runs: number
  readonly fresh: number
  readonly older: number
  readonly without_date: number
  readonly restarted: number
  readonly exhausted: number
  readonly code: string | null
  readonly reason: string | null
  readonly fix: string | null
  readonly next_at: Date
  readonly created_at: Date
  readonly finished_at: Date | null
}

export function toSweepView(row: SweepRow): SweepView {
  const { id, slug: tenant, cause, state, seen, missing, runs, fresh, older, restarted, exhausted } = row
  const { code, reason, fix } = row
  return {
    ...{
      id,
      tenant,
      cause,
      state,
      seen,
      missing,
      runs,
      fresh,
      older,
      restarted,
      exhausted,
      code,
      reason,
      fix,
    },
    withoutDate: row.without_date,
    since: row.since.toISOString(),
    nextAt: state === 'waiting' ? row.next_at.toISOString() : null,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  }
}
