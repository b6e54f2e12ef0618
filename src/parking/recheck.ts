/** One recheck: reads again what a parked run waits for, and resumes the run when it has changed. */
import { Failure, RetryLater } from '../base/failure.ts'
import type { OpenHttp } from '../base/http.ts'
import type { Json } from '../base/json.ts'
import { detailsOfWritten } from '../mapping/mapping.ts'
import { type Log, safeError } from '../observe/log.ts'
import { openPinpoint } from '../pinpoint/client.ts'
import type { ReadHire } from '../pinpoint/read-hire.ts'
import type { RecheckKind } from '../runs/watch.ts'
import type { Integration } from '../sdk/integration.ts'
import { readConnectionValues } from '../tenants/connection-values.ts'
import type { CachedRead } from '../worker/context.ts'
import type { SharedHires } from '../worker/shared-hires.ts'
import { type Fingerprint, recordSeen } from './fingerprint.ts'
import type { Recheck, RecheckOutcome, RecheckStore } from './ports.ts'
import { recheckHired, type RevokedHireStore } from './revoked-hires.ts'

export interface RecheckDeps {
  readonly store: RecheckStore
  readonly revokedHires: RevokedHireStore
  readonly integrations: ReadonlyMap<string, Integration>
  /** Read-only, and within the limits that all processes share: a recheck changes nothing outside. */
  readonly openHttp: (recheck: Recheck) => OpenHttp
  /** For lists of a destination on which many runs wait: one read serves them all. */
  readonly cached: (recheck: Recheck) => CachedRead
  readonly fingerprint: Fingerprint
  /** To the attempt that the recheck causes. */
  readonly handOver: SharedHires['handOver']
  readonly log: Log
  readonly onRechecked: (recheck: { readonly what: RecheckKind; readonly outcome: RecheckOutcome }) => void
}

/** For how long one read of a list serves other runs. */
const listSeconds = 60

export async function performRecheck(deps: RecheckDeps, recheck: Recheck): Promise<void> {
  const outcome = await outcomeOf(deps, recheck).catch((error: unknown) => failed(deps, recheck, error))
  deps.onRechecked({ what: recheck.what, outcome })
}

async function outcomeOf(deps: RecheckDeps, recheck: Recheck): Promise<RecheckOutcome> {
  if (recheck.what === 'hired') return recheckHired(deps, recheck)
  const { seen, application } = await readAgain(deps, recheck)
  if (recheck.fingerprint?.equals(deps.fingerprint(seen)) === true) {
    await deps.store.unchanged(recheck)
    return 'unchanged'
  }
  const resuming = deps.store.resume(recheck, because[recheck.what])
  // Not once it is resumed: the attempt may begin with the commit.
  if (application !== undefined) {
    deps.handOver({ run: recheck.run, turn: recheck.turn + 1 }, application, resuming)
  }
  const resumed = await resuming
  if (resumed)
    deps.log.info({ run: recheck.run, what: recheck.what, times: recheck.times + 1 }, 'parked run resumes')
  return resumed ? 'resumed' : 'moved_on'
}

const because = {
  record: 'the application has changed in Pinpoint',
  destination: 'what it waited for has changed in the destination',
} as const

interface ReadAgain {
  readonly seen: Json
  /** What an attempt would read as well. */
  readonly application?: Pick<ReadHire, 'application'>
}

async function readAgain(deps: RecheckDeps, recheck: Recheck): Promise<ReadAgain> {
  if (recheck.what === 'destination') return { seen: await readDestination(deps, recheck) }
  const pinpoint = openPinpoint(deps.openHttp(recheck), recheck.tenant)
  const read = await pinpoint.hire(recheck.application, {
    extras: ['job', ...detailsOfWritten(recheck.connection.mapping?.written)],
  })
  return { seen: recordSeen(read.application), application: read }
}

/** A recheck that this version does not know, or unreadable settings, count as a change: the next attempt reports them. */
async function readDestination(
  { integrations, openHttp, cached }: RecheckDeps,
  recheck: Recheck,
): Promise<Json> {
  const integration = integrations.get(recheck.connection.integration)
  const read = integration?.rechecks?.[recheck.name]
  if (integration === undefined || read === undefined) return null
  const values = readConnectionValues(integration, recheck.connection)
  if (!values.ok) return null
  const context = { ...values.value, openHttp: openHttp(recheck) }
  return cached(recheck)(`recheck:${recheck.name}`, listSeconds, () => read(context))
}

async function failed(
  { store, log }: RecheckDeps,
  recheck: Recheck,
  error: unknown,
): Promise<RecheckOutcome> {
  const isFailure = error instanceof Failure
  const code = isFailure ? error.code : 'runs.bug'
  const after = error instanceof RetryLater ? error.after : undefined
  if (isFailure) log.info({ run: recheck.run, what: recheck.what, ...safeError(error) }, 'recheck failed')
  else log.error({ run: recheck.run, what: recheck.what, ...safeError(error) }, 'bug in a recheck')
  await store.failed(recheck, { code, after })
  return 'failed'
}
