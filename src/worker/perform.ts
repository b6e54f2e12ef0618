/** One attempt at one run: processes the hire, and turns the outcome into the settlement of the run. */
import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failure.ts'
import type { OpenHttp } from '../base/http.ts'
import type { RunId } from '../base/ids.ts'
import type { JsonObject } from '../base/json.ts'
import { type SeenHire, seenHire } from '../hires/hire.ts'
import type { RunInterceptor } from '../limits/run-interceptor.ts'
import { detailsOfWritten } from '../mapping/mapping.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { Counting } from '../outbound/outbound.ts'
import { openPinpoint, type Pinpoint } from '../pinpoint/client.ts'
import { type Extra, extras, type HireOptions, type ReadHire } from '../pinpoint/read-hire.ts'
import { type Journal, LeaseLost, type Ledger } from '../runs/ports.ts'
import type { ClaimedRun, Settlement } from '../runs/run.ts'
import type { HandlerResult, Integration } from '../sdk/integration.ts'
import type { RefusedExtras } from '../tenants/ports.ts'
import { type CallCounter, createCallCounter } from './call-count.ts'
import { type CachedRead, createContext, createRunEffects, type Warning } from './context.ts'
import { expectingOf } from './expected-hire.ts'
import { doneWithout, followUpEnds } from './follow-up.ts'
import type { HeldFiles } from './held-files.ts'
import { handleHire } from './hire-flow.ts'
import { openHandler } from './open-handler.ts'
import type { AttemptReads, Parking } from './ports.ts'
import { settlementOf } from './settlement.ts'
import type { SharedHires } from './shared-hires.ts'

export interface PerformDeps {
  readonly integrations: ReadonlyMap<string, Integration>
  readonly journal: Journal
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Log
  readonly files: HeldFiles
  /** What is recorded with a park. */
  readonly parking: Parking
  /** The interceptors of the run's calls: limits, refused credentials, circuit. */
  readonly openInterceptor: (run: ClaimedRun) => RunInterceptor
  readonly openHttp: (interceptor: RunInterceptor, counting: Counting) => OpenHttp
  /** Cached lists of the run's destination, and jobs of its tenant. */
  readonly cached: (run: ClaimedRun) => CachedRead
  readonly cachedJobs: (run: ClaimedRun) => CachedRead
  readonly sharedHires: SharedHires
  readonly refusedExtras: RefusedExtras
  /** Spreads retries: 0 ≤ chance < 1. Default: `Math.random`. */
  readonly chance?: () => number
  /** As `callSeconds` of ensure.ts, its default. */
  readonly callSeconds?: number | undefined
}

export type Perform = (run: ClaimedRun) => Promise<Settlement>

/** What an attempt has read so far, needed for its settlement. */
type ReadsSoFar = { -readonly [Name in keyof AttemptReads]: AttemptReads[Name] }

interface Noted {
  readonly reads: ReadsSoFar
  readonly calls: CallCounter
}

export function createPerform(deps: PerformDeps): Perform {
  return async (run) => {
    const reads: ReadsSoFar = { pinpoint: undefined, application: undefined }
    const calls = createCallCounter()
    const settlement = await perform(deps, run, { reads, calls })
    return { ...settlement, hire: hireOf(reads), calls: calls.counts() }
  }
}

async function perform(deps: PerformDeps, run: ClaimedRun, noted: Noted): Promise<Settlement> {
  const { chance = Math.random } = deps
  try {
    return doneWithout(run, await attempt(deps, run, noted))
  } catch (error) {
    if (error instanceof LeaseLost) throw error
    const at = { now: deps.clock.now(), chance: chance() }
    const settlement = namingRun(followUpEnds(run, error, settlementOf(error, run, at)), run.lease.run)
    if (!(error instanceof Failure)) {
      deps.log.error(
        { run: run.lease.run, integration: run.integration, ...safeError(error) },
        'bug in a run',
      )
    }
    return await deps.parking.parked({ run, error, settlement, reads: noted.reads })
  }
}

function hireOf({ application }: AttemptReads): SeenHire | undefined {
  return application?.hire && seenHire(application.hire, application.readAt)
}

/** Commands in a fix can be copied as they are. */
function namingRun(settlement: Settlement, run: RunId): Settlement {
  if (settlement.state !== 'parked') return settlement
  return { ...settlement, fix: settlement.fix.replaceAll('runs resume RUN', `runs resume ${run}`) }
}

interface Handled {
  readonly result: JsonObject
  readonly missing: readonly string[]
}

async function attempt(deps: PerformDeps, run: ClaimedRun, { reads, calls }: Noted): Promise<Handled> {
  const { handler, textOfComment, ...values } = openHandler(deps.integrations, run)
  const interceptor = deps.openInterceptor(run)
  const files = deps.files.open(run.connection.id, calls)
  const warnings: Warning[] = []
  const missing: string[] = []
  try {
    await interceptor.start(deps.integrations.get(run.integration)?.firstBucket)
    const openHttp = deps.openHttp(interceptor, calls)
    const pinpoint = following(deps, run, { pinpoint: openPinpoint(openHttp, run.tenant), reads })
    const result = await handleHire({
      pinpoint,
      clock: deps.clock,
      expecting: expectingOf(run),
      handler,
      textOfComment,
      connection: run.connection,
      createContext: (data, madeBefore) =>
        createContext(
          {
            clock: deps.clock,
            openHttp,
            download: files.download,
            cached: deps.cached(run),
            values,
            data,
            warnings,
            effects: createRunEffects({ ...deps, madeBefore, missing }, run),
          },
          run,
        ),
    })
    return { result: toResult(result, warnings, run.connection.mapping?.version), missing }
  } finally {
    files.release()
    interceptor.finish()
  }
}

/** For hires of a burst that are on one job. What was changed on it meanwhile is seen by whoever reads afresh. */
const jobSeconds = 300

/** The client of this attempt: what it may share with others is shared, and the application noted as it was read. */
function following(
  { sharedHires, cachedJobs, refusedExtras, clock }: PerformDeps,
  run: ClaimedRun,
  { pinpoint, reads }: { readonly pinpoint: Pinpoint; readonly reads: ReadsSoFar },
): Pinpoint {
  reads.pinpoint = pinpoint
  const kept = cachedJobs(run)
  const details = detailsOfWritten(run.connection.mapping?.written)
  const needs = details.join()
  const asked = [...extras, ...details]
  const options: HireOptions = {
    extras: asked,
    job: (id, read) => kept(`job:${id}${needs}`, jobSeconds, read),
  }
  /** The first read of a burst finds out what Pinpoint refuses to send along; the others wait for it, and ask for the rest only. */
  async function readKnowing(applicationId: string): Promise<ReadHire> {
    const own: { read?: Promise<ReadHire> } = {}
    const found: Extra[] = []
    const onRefused = (refused: readonly Extra[]) => {
      found.push(...refused)
      return refusedExtras.note(run.tenant.id, refused)
    }
    const first = async (): Promise<readonly Extra[]> => {
      own.read = pinpoint.hire(applicationId, { ...options, onRefused })
      await own.read
      return found
    }
    // Its failure is for the attempt whose read it is: the others read for themselves.
    const refused = await kept(`refused:${needs}`, jobSeconds, first).catch((): readonly Extra[] => [])
    const rest = asked.filter((one) => !refused.includes(one))
    return own.read ?? pinpoint.hire(applicationId, { ...options, extras: rest, onRefused })
  }

  return {
    ...pinpoint,
    async hire(applicationId) {
      const read = await sharedHires.read({ ...run, needs }, () => readKnowing(applicationId))
      reads.application = { hire: read.application, readAt: clock.now() }
      return read
    },
  }
}

function toResult(
  { did, record }: HandlerResult,
  warnings: readonly Warning[],
  mapping: number | undefined,
): JsonObject {
  return {
    did,
    ...(record?.id === undefined ? {} : { recordId: record.id, how: record.how }),
    ...(mapping !== undefined && { mappingVersion: mapping }),
    warnings: distinct(warnings).map((warning) => ({ ...warning })),
  }
}

/** A later attempt may warn of the same again. */
export function distinct(warnings: readonly Warning[]): readonly Warning[] {
  return [...new Map(warnings.map((warning) => [`${warning.code} ${warning.message}`, warning])).values()]
}
