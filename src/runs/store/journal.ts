/** The journal: the steps of a run. Outputs are sealed; lines of many runs share a statement. */
import type pg from 'pg'

import type { RunId } from '../../base/ids.ts'
import type { Sealer } from '../../base/seal.ts'
import { batched, gatherWork } from '../../postgres/batched.ts'
import { type DatabaseRetry, type Queryable, queryable } from '../../postgres/transaction.ts'
import { type Journal, type JournalStep, LeaseLost } from '../ports.ts'
import type { Lease } from '../run.ts'

/** The AAD of a step's output. */
export const outputAad = (run: RunId, title: string) => `run:${run}:step:${title}`

interface Line {
  readonly lease: Lease
  readonly line: JournalStep
}

export function createJournal(pool: pg.Pool, sealer: Sealer, withDatabaseRetry: DatabaseRetry): Journal {
  const client = queryable(pool)
  const write = batched({ size: 200, keyOf: lineKey, ...gatherWork }, (lines: readonly Line[]) =>
    writeLines(client, sealer, lines),
  )
  return {
    async write(lease, line) {
      if (!(await withDatabaseRetry(() => write({ lease, line })))) throw new LeaseLost()
    },
  }
}

function lineKey({ lease, line }: Line): string {
  return `${lease.run} ${line.title}`
}

/** A step that exists already is overwritten, as when an earlier attempt wrote it. */
export const tellAgainSql = `
  on conflict (run_id, title) do update set outcome = excluded.outcome, remote_id = excluded.remote_id,
    sealed_output = excluded.sealed_output, mapping_version = excluded.mapping_version`

const writeSql = `
  insert into steps (run_id, title, outcome, remote_id, attempt, sealed_output, started_at, finished_at)
  select runs.id, given.title, given.outcome, given.remote_id, given.attempt, given.sealed_output, given.started_at, now()
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::bytea[], $8::timestamptz[])
    as given (run_id, lease, remote_id, title, outcome, attempt, sealed_output, started_at)
  join runs on runs.id = given.run_id and runs.lease = given.lease
  order by runs.id, given.title
  ${tellAgainSql}
  returning run_id, title`

/** False for a line whose run has been taken over. */
async function writeLines(
  client: Queryable,
  sealer: Sealer,
  lines: readonly Line[],
): Promise<readonly boolean[]> {
  const { rows } = await client.query<{ run_id: string; title: string }>(writeSql, [
    lines.map(({ lease }) => lease.run),
    lines.map(({ lease }) => lease.token),
    lines.map(({ line }) => line.remoteId ?? null),
    ...lineColumns(sealer, lines),
  ])
  const written = new Set(rows.map(({ run_id, title }) => `${run_id} ${title}`))
  return lines.map((line) => written.has(lineKey(line)))
}

/** Title, outcome, attempt, sealed output and start of each line, or nulls. */
export function lineColumns(
  sealer: Sealer,
  given: readonly { readonly lease: Lease; readonly line?: JournalStep | undefined }[],
): readonly unknown[][] {
  const sealed = ({ lease, line }: (typeof given)[number]) =>
    line === undefined ? null : sealer.seal(line.output, outputAad(lease.run, line.title))
  return [
    given.map(({ line }) => line?.title ?? null),
    given.map(({ line }) => line?.outcome ?? null),
    given.map(({ line }) => line?.attempt ?? null),
    given.map(sealed),
    given.map(({ line }) => line?.startedAt ?? null),
  ]
}
