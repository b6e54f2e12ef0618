/** The context of a handler for one attempt: the hire, HTTP clients, journalled steps, effects through the ledger, and warnings. */
import type { Clock } from '../base/clock.ts'
import type { DownloadFile, OpenHttp } from '../base/http.ts'
import { type Json, parseJson } from '../base/json.ts'
import { sentence } from '../base/plain-text.ts'
import { ensureEffect } from '../effects/ensure.ts'
import { journalledRecord } from '../effects/known-record.ts'
import type { MadeBefore } from '../effects/made-before.ts'
import { tryOptional } from '../effects/optional.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { Journal, Ledger } from '../runs/ports.ts'
import type { ClaimedRun } from '../runs/run.ts'
import type { Effect, Existing } from '../sdk/ensure.ts'
import type { HandlerContext } from '../sdk/integration.ts'
import type { ConnectionValues } from '../tenants/connection-values.ts'
import { isFollowedUp } from './follow-up.ts'
import type { OpenHandler } from './open-handler.ts'

export interface Warning {
  readonly code: string
  readonly message: string
}

export type CachedRead = <T>(key: string, seconds: number, read: () => Promise<T>) => Promise<T>

type Values = Record<string, unknown>
export type HireContext = HandlerContext<Values, Values, HiredApplication>

/** The part that differs between a run, which makes effects, and a preview, which only lists them. */
export type EffectContext = Pick<
  HireContext,
  'runId' | 'step' | 'ensure' | 'optional' | 'followUpOn' | 'planned'
>

export interface ContextParts {
  readonly clock: Clock
  readonly openHttp: OpenHttp
  readonly download: DownloadFile
  /** Bound to the run's connection. */
  readonly cached: CachedRead
  readonly values: ConnectionValues & Pick<OpenHandler, 'applyMapping'>
  readonly data: HiredApplication
  /** Filled by the handler. */
  readonly warnings: Warning[]
  readonly effects: EffectContext
}

export function createContext(
  { clock, openHttp, download, cached, values, data, warnings, effects }: ContextParts,
  { tenant, event }: Pick<ClaimedRun, 'tenant' | 'event'>,
): HireContext {
  return {
    ...effects,
    timeZone: tenant.timeZone,
    mapped: values.applyMapping?.({ application: data, triggeredAt: event.triggeredAt }, tenant.timeZone),
    settings: values.settings,
    secrets: values.secrets,
    event: {
      id: event.id,
      name: 'application_hired',
      tenant: tenant.slug,
      triggeredAt: event.triggeredAt,
      data,
    },
    now: () => clock.now(),
    openHttp,
    download,
    cached,
    warn: (code, message) => {
      warnings.push({ code, message: sentence(message) })
    },
  }
}

export interface RunEffectDeps {
  readonly journal: Journal
  readonly ledger: Ledger
  readonly clock: Clock
  readonly madeBefore: MadeBefore
  readonly callSeconds?: number | undefined
  /** What was announced but is missing, and needs a follow-up. Filled by the handler. */
  readonly missing: string[]
}

export function createRunEffects(deps: RunEffectDeps, run: ClaimedRun): EffectContext {
  return {
    runId: run.lease.run,
    step: (title, work) => stepJournalled(deps, run, { title, work }),
    ensure: (effect) => ensureJournalled(deps, run, effect),
    optional: (title, work) => tryOptional(deps, run, { title, work }),
    followUpOn: (what) => {
      deps.missing.push(what)
      return isFollowedUp(run)
    },
    // Only a preview answers `planned`, so this is reached in a preview only.
    planned: (title) => {
      throw new Error(`"${title}" was planned outside of a preview`)
    },
  }
}

async function stepJournalled<T extends Json>(
  { journal, clock }: RunEffectDeps,
  run: ClaimedRun,
  { title, work }: { readonly title: string; readonly work: () => Promise<T> },
): Promise<T> {
  const before = run.journal.get(title)
  // The journal holds what this step returned, under the step's title.
  if (before !== undefined) return parseJson(before.output) as T
  const startedAt = clock.now()
  const output = await work()
  const step = { title, outcome: 'done', output: JSON.stringify(output), remoteId: undefined }
  await journal.write(run.lease, { ...step, attempt: run.attempt, startedAt })
  return output
}

/** The ledger decides. The journal entry is for the timeline, and usually written in the same statement. */
async function ensureJournalled(deps: RunEffectDeps, run: ClaimedRun, effect: Effect): Promise<Existing> {
  const { journal, ledger, clock, madeBefore, callSeconds } = deps
  const startedAt = clock.now()
  const { title, kind, key } = effect
  const { looking, isKnownById } = watchingFindById(run.journal.get(title), effect)
  let told = run.journal.has(title)
  const lineOf = ({ how: outcome, id: remoteId }: Existing) => {
    told = true
    // `madeNow` is not stored: it holds for this attempt only.
    const output = JSON.stringify({ id: remoteId, how: outcome, ...isKnownById(remoteId) })
    return { title, outcome, output, remoteId, attempt: run.attempt, startedAt }
  }
  const ensured = await ensureEffect(
    {
      ledger,
      clock,
      lease: run.lease,
      madeBefore: async (wanted) => (await madeByThisRun(run, wanted)) ?? madeBefore(wanted),
      callSeconds,
      lineOf,
      application: run.subject,
      decision: run.decision,
    },
    { connection: run.connection.id, kind, key, title },
    looking,
  )
  if (!told) await journal.write(run.lease, lineOf(ensured))
  return { ...ensured, ...isKnownById(ensured.id) }
}

/** What an earlier attempt of the run has noted of a record counts: what it made is this run's own, whatever leads to it now. */
function watchingFindById(before: { readonly output: string } | undefined, effect: Effect) {
  const earlier = before && journalledRecord(before.output)
  const { findById } = effect
  let shown: string | undefined
  const isKnownById = (id: string): Pick<Existing, 'knownById'> => {
    const knownById = earlier?.id === id ? earlier.knownById : shown === id
    return knownById ? { knownById } : {}
  }
  if (findById === undefined) return { looking: effect, isKnownById }
  const watched: typeof findById = async (id, named) => {
    const record = await findById(id, named)
    if (record !== undefined) shown = record.id
    return record
  }
  return { looking: { ...effect, findById: watched }, isKnownById }
}

/**
 * What an earlier attempt of this very run has made or found, under a key that has changed since: somebody may correct the candidate's
 * address while the run waits, and no comment tells of the record yet.
 */
async function madeByThisRun(
  { journal }: Pick<ClaimedRun, 'journal'>,
  { title, findById }: Effect,
): Promise<Existing | undefined> {
  const before = journal.get(title)
  if (before === undefined || findById === undefined) return undefined
  const id = journalledRecord(before.output)?.id
  const shown = id === undefined ? undefined : await findById(id, 'on_record')
  return shown && { id: shown.id, how: before.outcome === 'found' ? 'found' : 'adopted' }
}
