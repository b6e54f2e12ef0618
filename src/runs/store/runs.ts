/** Claims and settles runs: the two ends of an attempt. Every write is guarded by the lease of the worker. */
import type pg from 'pg'

import { addressScope, defaultAddress, toKnownLimit } from '../../base/rate-limit.ts'
import type { Sealer } from '../../base/seal.ts'
import { createHireWriter } from '../../hires/store/hires.ts'
import { batched, gatherWork } from '../../postgres/batched.ts'
import { type DatabaseRetry, inTransaction, queryable } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { storedMapping } from '../../tenants/connection.ts'
import { openApiKey, openSecrets } from '../../tenants/store/decrypt.ts'
import type { RunStore } from '../ports.ts'
import type { ClaimedRun } from '../run.ts'
import { type Claim, type ClaimRow, claimRuns } from './claim.ts'
import { letGo, markAlone, tokenOf } from './held.ts'
import { outputAad } from './journal.ts'
import { type Ended, isPlain, settle } from './settle.ts'
import type { PausedConnection } from './settled-before.ts'

interface StoreDeps {
  readonly pool: pg.Pool
  readonly queue: Queue
  readonly sealer: Sealer
  /** Keys the hashes of hires. */
  readonly hashKey: Buffer
  readonly withDatabaseRetry: DatabaseRetry
  /** The address of this process: limits per address are read with each claim. */
  readonly address?: string
  /** Called once for each pause of a connection, after its commit. */
  readonly onPaused?: (paused: PausedConnection) => void
}

export function createRunStore(deps: StoreDeps): RunStore {
  const { pool, queue, sealer, hashKey, withDatabaseRetry } = deps
  const { address = defaultAddress, onPaused = () => undefined } = deps
  const client = queryable(pool)
  const keepHires = createHireWriter({ sealer, hashKey })
  const claim = batched(
    { size: 100, keyOf: ({ job }) => job.run, ...gatherWork },
    (claims: readonly Claim[]) => claimRuns({ client, scope: addressScope(address) }, claims),
  )
  const settleAll = (ended: readonly Ended[]) =>
    inTransaction(pool, (tx) => settle({ client: tx, queue, keepHires }, ended))
  const settlePlain = batched({ size: 100, keyOf: ({ lease }) => lease.run, ...gatherWork }, settleAll)
  return {
    async claim(job, worker) {
      const { row } = await withDatabaseRetry(() => claim({ job, worker }))
      // Outside of the batch: a row that cannot be decrypted affects one run only.
      return row && toClaimedRun(row, tokenOf(job), sealer)
    },
    async settle(lease, job, settlement) {
      const ended = { lease, job, settlement }
      const { written, paused } = await withDatabaseRetry(async () => {
        if (isPlain(settlement)) return settlePlain(ended)
        const [settled] = await settleAll([ended])
        return settled ?? { written: false }
      })
      if (paused !== undefined) onPaused(paused)
      return written
    },
    alone: (lease) => withDatabaseRetry(() => markAlone(client, lease)),
    letGo: (jobs) => letGo(client, jobs),
  }
}

function unrecognisedOf({ unrecognised: given }: ClaimRow): ClaimedRun['unrecognised'] {
  return given === null || given.since === null
    ? undefined
    : { times: given.times, since: new Date(given.since) }
}

function eventOf({ event_id: id, event_name: name, ...row }: ClaimRow): ClaimedRun['event'] {
  const { triggered_at: triggeredAt, received_at: receivedAt } = row
  return { id, name, triggeredAt: triggeredAt ?? receivedAt, receivedAt }
}

function tenantOf(row: ClaimRow, sealer: Sealer): ClaimedRun['tenant'] {
  return {
    id: row.tenant_id,
    slug: row.slug,
    apiUrl: row.api_url,
    timeZone: row.time_zone ?? undefined,
    apiKey: openApiKey(row, sealer),
    demoHires: row.demo_hires,
    refusedExtras: row.refused_extras,
  }
}

function toClaimedRun(row: ClaimRow, token: string, sealer: Sealer): ClaimedRun {
  const mapping = storedMapping(row)
  return {
    lease: { run: row.id, token, revision: row.revision, mappingVersion: mapping?.version },
    turn: row.turn,
    attempt: row.attempt,
    readsAfresh: row.reads_afresh,
    failures: row.failures,
    firstFailedAt: row.first_failed_at ?? undefined,
    takeovers: row.takeovers,
    diedAlone: row.died_alone,
    followUpSince: row.follow_up_since ?? undefined,
    subject: row.subject,
    integration: row.integration,
    tenant: tenantOf(row, sealer),
    connection: {
      id: row.connection_id,
      enabled: row.enabled,
      settings: row.settings,
      mapping,
      secrets: openSecrets(row, sealer),
      comment: row.comment ?? undefined,
      writeBack: row.write_back ?? undefined,
      commentWhenParked: row.comment_when_parked,
      revision: row.revision,
      paused:
        row.paused_code === null
          ? undefined
          : { code: row.paused_code, reason: row.paused_reason ?? '', fix: row.paused_fix ?? '' },
    },
    event: eventOf(row),
    notHiredYet: row.not_hired_yet,
    journal: new Map(
      row.steps.map(({ title, outcome, sealed }) => [title, { outcome, output: open(sealed, title) }]),
    ),
    waitedFor: row.waited_for ?? undefined,
    decision:
      row.decision === null || row.decision_before === null
        ? undefined
        : { decision: row.decision, before: row.decision_before },
    unrecognised: unrecognisedOf(row),
    claimedAt: row.claimed_at,
    limits: row.limits.map(toKnownLimit),
    circuit:
      row.circuit_destination === null
        ? undefined
        : {
            destination: row.circuit_destination,
            ofEffects: row.circuit_of_effects ?? false,
            code: row.circuit_code ?? '',
            reason: row.circuit_reason ?? '',
          },
  }

  function open(sealed: string, title: string): string {
    return sealer.open(Buffer.from(sealed, 'base64'), outputAad(row.id, title)).toString('utf8')
  }
}
