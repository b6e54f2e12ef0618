/** What a handler is given for one try: journalled steps, effects through the ledger, and a place for warnings. */
import type { Clock } from '../base/clock.ts'
import type { DownloadFile, OpenHttp } from '../base/http.ts'
import { type Json, parseJson } from '../base/json.ts'
import { sentence } from '../base/plain-text.ts'
import { ensureEffect } from '../effects/ensure.ts'
import type { MadeBefore } from '../effects/made-before.ts'
import { tryOptional } from '../effects/optional.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { Journal, Ledger } from '../runs/ports.ts'
import type { ClaimedRun } from '../runs/run.ts'
import type { Effect, Existing } from '../sdk/ensure.ts'
import type { HandlerContext } from '../sdk/integration.ts'
import { looksAgain } from './follow-up.ts'

export interface Warning {
  readonly code: string
  readonly message: string
}

export type CachedRead = <T>(key: string, seconds: number, read: () => Promise<T>) => Promise<T>

export interface ContextDeps {
  readonly journal: Journal
  readonly ledger: Ledger
  readonly clock: Clock
  readonly openHttp: OpenHttp
  readonly download: DownloadFile
  /** Bound to the run's connection. */
  readonly cached: CachedRead
  readonly madeBefore: MadeBefore
  readonly callSeconds?: number | undefined
}

type Settings = Record<string, unknown>

export interface RunContext {
  readonly handler: HandlerContext<Settings, Settings, HiredApplication>
  readonly ensure: (effect: Effect) => Promise<Existing>
  readonly warnings: readonly Warning[]
  /** What was announced, is not there, and is to be looked for again. */
  readonly missing: readonly string[]
}

export function createContext(
  deps: ContextDeps,
  run: ClaimedRun,
  given: { readonly settings: Settings; readonly secrets: Settings; readonly data: HiredApplication },
): RunContext {
  const warnings: Warning[] = []
  const missing: string[] = []
  const ensure = (effect: Effect) => ensureJournalled(deps, run, effect)
  return {
    warnings,
    missing,
    ensure,
    handler: {
      timeZone: run.tenant.timeZone,
      settings: given.settings,
      secrets: given.secrets,
      event: {
        id: run.event.id,
        name: 'application_hired',
        tenant: run.tenant.slug,
        triggeredAt: run.event.triggeredAt,
        data: given.data,
      },
      runId: run.lease.run,
      now: () => deps.clock.now(),
      openHttp: deps.openHttp,
      download: deps.download,
      cached: deps.cached,
      step: (title, work) => stepJournalled(deps, run, { title, work }),
      ensure,
      optional: (title, work) => tryOptional(deps, run, { title, work }),
      lookAgain: (what) => {
        missing.push(what)
        return looksAgain(run)
      },
      // Only a preview answers `planned`, so a handler never comes here otherwise.
      planned: (title) => {
        throw new Error(`"${title}" was planned outside of a preview`)
      },
      warn: (code, message) => {
        warnings.push({ code, message: sentence(message) })
      },
    },
  }
}

async function stepJournalled<T extends Json>(
  { journal, clock }: ContextDeps,
  run: ClaimedRun,
  { title, work }: { readonly title: string; readonly work: () => Promise<T> },
): Promise<T> {
  const before = run.journal.get(title)
  // The journal holds what this very step returned, under its own title.
  if (before !== undefined) return parseJson(before.output) as T
  const startedAt = clock.now()
  const output = await work()
  const step = { title, outcome: 'done', output: JSON.stringify(output), remoteId: undefined }
  await journal.write(run.lease, { ...step, attempt: run.attempt, startedAt })
  return output
}

/** The ledger decides; the journal line is for the timeline that people read, and usually written along with it. */
async function ensureJournalled(deps: ContextDeps, run: ClaimedRun, effect: Effect): Promise<Existing> {
  const { journal, ledger, clock, madeBefore, callSeconds } = deps
  const startedAt = clock.now()
  const { title, kind, key } = effect
  let told = run.journal.has(title)
  const lineOf = (ensured: Existing) => {
    told = true
    const { how: outcome, id: remoteId } = ensured
    return { title, outcome, output: JSON.stringify(ensured), remoteId, attempt: run.attempt, startedAt }
  }
  const ensured = await ensureEffect(
    {
      ledger,
      clock,
      lease: run.lease,
      madeBefore,
      callSeconds,
      lineOf,
      application: run.subject,
      decision: run.decision,
    },
    { connection: run.connection.id, kind, key, title },
    effect,
  )
  if (!told) await journal.write(run.lease, lineOf(ensured))
  return ensured
}
