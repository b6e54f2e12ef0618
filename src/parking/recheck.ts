/** One look: reads again what a parked run was parked for, and lets it go on when that is not as it was. */
import { Failure, RetryLater } from '../base/failure.ts'
import type { OpenHttp } from '../base/http.ts'
import type { Json } from '../base/json.ts'
import { type Log, safeError } from '../observe/log.ts'
import { openPinpoint } from '../pinpoint/client.ts'
import type { RecheckKind } from '../runs/watch.ts'
import type { Integration } from '../sdk/integration.ts'
import { readConnectionValues } from '../tenants/connection-values.ts'
import type { CachedRead } from '../worker/context.ts'
import { type Fingerprint, recordSeen } from './fingerprint.ts'
import type { Recheck, RecheckOutcome, RecheckStore } from './ports.ts'
import { askWhetherHired, type RevokedHireStore } from './revoked-hires.ts'

export interface RecheckDeps {
  readonly store: RecheckStore
  readonly revokedHires: RevokedHireStore
  readonly integrations: ReadonlyMap<string, Integration>
  /** Opened read-only, within the limits that all processes share: a look changes nothing outside. */
  readonly openHttp: (look: Recheck) => OpenHttp
  /** For lists of a destination that many runs are parked for: one read serves them all. */
  readonly cached: (look: Recheck) => CachedRead
  readonly fingerprint: Fingerprint
  readonly log: Log
  readonly onLooked: (look: { readonly what: RecheckKind; readonly outcome: RecheckOutcome }) => void
}

/** A list that was read so few seconds ago is not read again for another run. */
const listSeconds = 60

export async function performRecheck(deps: RecheckDeps, look: Recheck): Promise<void> {
  const outcome = await lookAt(deps, look).catch((error: unknown) => failed(deps, look, error))
  deps.onLooked({ what: look.what, outcome })
}

async function lookAt(deps: RecheckDeps, look: Recheck): Promise<RecheckOutcome> {
  if (look.what === 'hired') return askWhetherHired(deps, look)
  const seen = await readAgain(deps, look)
  if (look.fingerprint?.equals(deps.fingerprint(seen)) === true) {
    await deps.store.unchanged(look)
    return 'unchanged'
  }
  const lifted = await deps.store.resume(look, because[look.what])
  if (lifted) deps.log.info({ run: look.run, what: look.what, looks: look.looks + 1 }, 'parked run lifted')
  return lifted ? 'lifted' : 'moved_on'
}

const because = {
  record: 'the application has changed in Pinpoint',
  destination: 'what it waited for has changed in the destination',
} as const

async function readAgain(deps: RecheckDeps, look: Recheck): Promise<Json> {
  if (look.what === 'destination') return readDestination(deps, look)
  const pinpoint = openPinpoint(deps.openHttp(look), look.tenant)
  return recordSeen(await pinpoint.hire(look.application))
}

/** A look that this version does not know, or settings that it cannot read: the next try of the run tells about it. */
async function readDestination(
  { integrations, openHttp, cached }: RecheckDeps,
  look: Recheck,
): Promise<Json> {
  const integration = integrations.get(look.connection.integration)
  const read = integration?.looks?.[look.name]
  if (integration === undefined || read === undefined) return null
  const values = readConnectionValues(integration, look.connection)
  if (!values.ok) return null
  const context = { ...values.value, openHttp: openHttp(look) }
  return cached(look)(`look:${look.name}`, listSeconds, () => read(context))
}

async function failed({ store, log }: RecheckDeps, look: Recheck, error: unknown): Promise<RecheckOutcome> {
  const isFailure = error instanceof Failure
  const code = isFailure ? error.code : 'runs.bug'
  const after = error instanceof RetryLater ? error.after : undefined
  if (isFailure) log.info({ run: look.run, what: look.what, ...safeError(error) }, 'look failed')
  else log.error({ run: look.run, what: look.what, ...safeError(error) }, 'bug in a look')
  await store.failed(look, { code, after })
  return 'failed'
}
