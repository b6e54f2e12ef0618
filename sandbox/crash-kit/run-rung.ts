/** One rung of the matrix on one integration, from an empty database to a report. */
import { type Sandbox, startSandbox } from '../server.ts'
import { discover } from './discover.ts'
import { runInProcess } from './in-process.ts'
import { runKilled, type Share } from './killed.ts'
import { runPaused } from './paused.ts'
import type { LevelReport } from './report.ts'
import type { Level, Row } from './rows.ts'
import { openStage, type Stage } from './stage.ts'
import type { Subject } from './subject.ts'

export interface CrashRequest {
  /** Made with the sandbox that plays Pinpoint, whose HiBob and receiver can be the destination, too. */
  readonly subject: (sandbox: Sandbox) => Subject
  /** A database of its own, on PostgreSQL 15 or later. Connections to it are killed. */
  readonly databaseUrl: string
  /** Of the rung `killed`: a part of its crash points. Default: all. */
  readonly share?: Share
}

/** Tries every crash point that the subject's hires pass. Rejects when they fail without any accident. */
export async function runLevel(rung: Level, request: CrashRequest): Promise<LevelReport> {
  return onStage(request, (stage) => {
    if (rung === 'killed') return runKilled(stage, request.share)
    return rung === 'paused' ? runPaused(stage) : runInProcess(stage, rung)
  })
}

/** The rows of the matrix without any accident. */
export async function rowsOfSubject(request: CrashRequest): Promise<readonly Row[]> {
  return onStage(request, (stage) => discover(stage, 'rows'))
}

async function onStage<T>(
  { subject, databaseUrl }: CrashRequest,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const sandbox = await startSandbox()
  try {
    const stage = await openStage(subject(sandbox), sandbox, databaseUrl)
    try {
      return await play(stage)
    } finally {
      await stage.close()
    }
  } finally {
    await sandbox.close()
  }
}
