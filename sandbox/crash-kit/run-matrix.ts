/** The whole matrix on one integration: all rungs, as a report to read and to assert on. */
import type { Sandbox } from '../server.ts'
import { openPostgres } from './postgres.ts'
import type { LevelReport } from './report.ts'
import { type Level, levels, type Row } from './rows.ts'
import { runLevel } from './run-rung.ts'
import type { Subject } from './subject.ts'
import { labelOf } from './table.ts'

export interface MatrixReport {
  /** How many accidents were tried. */
  readonly accidents: number
  /** One sentence for each promise that did not hold. Empty: the integration survives all of them. */
  readonly violations: readonly string[]
  /** The calls of a hire, for `tableOf`. */
  readonly rows: readonly Row[]
  readonly rungs: readonly LevelReport[]
}

/** Takes about a minute for each twenty calls of a hire. Rejects when a hire fails without any accident. */
export async function runCrashMatrix(request: {
  readonly subject: (sandbox: Sandbox) => Subject
  /** A PostgreSQL in which databases can be made. Unset: an embedded one, gone afterwards. */
  readonly postgresUrl?: string
  /** Default: all. */
  readonly only?: readonly Level[]
}): Promise<MatrixReport> {
  const postgres = await openPostgres(request.postgresUrl)
  try {
    const run = async (rung: Level) =>
      runLevel(rung, { subject: request.subject, databaseUrl: await postgres.create() })
    // They spend their time waiting for retries and heartbeats, so they wait together.
    const reports = await Promise.all((request.only ?? levels).map(run))
    return {
      accidents: reports.reduce((sum, { accidents }) => sum + accidents.length, 0),
      violations: reports.flatMap(({ rung, violations }) => violations.map((text) => `${rung}: ${text}`)),
      rows: [
        ...new Map(
          reports.flatMap(({ accidents }) => accidents.map(({ row }) => [labelOf(row), row])),
        ).values(),
      ],
      rungs: reports,
    }
  } finally {
    await postgres.close()
  }
}
