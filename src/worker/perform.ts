/** One try of one run: fetch the hire afresh, let the integration handle it, comment in Pinpoint. */
import type { Clock } from '../base/clock.ts'
import { NeedsPerson, Refused } from '../base/failure.ts'
import type { DownloadFile, OpenHttp } from '../base/http.ts'
import type { RunId } from '../base/ids.ts'
import type { JsonObject } from '../base/json.ts'
import { commentEffect } from '../effects/comment.ts'
import { createMadeBefore } from '../effects/made-before.ts'
import type { RunGate } from '../limits/run-interceptor.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { Parking } from '../parking/parked.ts'
import { openPinpoint, type Pinpoint, pinpointHttpOptions } from '../pinpoint/client.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import { type Journal, LeaseLost, type Ledger } from '../runs/ports.ts'
import type { ClaimedRun, Settlement } from '../runs/run.ts'
import type { HandlerResult, Integration } from '../sdk/integration.ts'
import { type CachedRead, createContext, type RunContext, type Warning } from './context.ts'
import { assertHired, type Expecting, expectingOf } from './expected-hire.ts'
import { doneWithout, followUpEnds } from './follow-up.ts'
import type { HeldFiles } from './held-files.ts'
import { settlementOf } from './settlement.ts'
import type { SharedHires } from './shared-hires.ts'

export interface PerformDeps {
  readonly integrations: ReadonlyMap<string, Integration>
  readonly journal: Journal
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Log
  readonly files: HeldFiles
  /** What a park takes along. */
  readonly parking: Parking
  /** What the run's calls pass: limits, refused credentials, circuit. */
  readonly openGate: (run: ClaimedRun) => RunGate
  readonly openHttp: (gate: RunGate) => OpenHttp
  readonly cached: (run: ClaimedRun) => CachedRead
  readonly sharedHires: SharedHires
  /** Spreads retries: 0 ≤ chance < 1. Default: `Math.random`. */
  readonly chance?: () => number
  /** As `callSeconds` of ensure.ts, its default. */
  readonly callSeconds?: number | undefined
}

type Handler = NonNullable<Integration['on']['application_hired']>

export type Perform = (run: ClaimedRun) => Promise<Settlement>

export function createPerform(deps: PerformDeps): Perform {
  const { chance = Math.random } = deps
  return async (run) => {
    try {
      return doneWithout(run, await handle(deps, run))
    } catch (error) {
      if (error instanceof LeaseLost) throw error
      const settlement = namingRun(
        followUpEnds(run, settlementOf(error, run, { now: deps.clock.now(), chance: chance() })),
        run.lease.run,
      )
      if ('code' in settlement && settlement.code === 'runs.bug') {
        deps.log.error(
          { run: run.lease.run, integration: run.integration, ...safeError(error) },
          'bug in a run',
        )
      }
      return await deps.parking.parked(run, error, settlement)
    }
  }
}

/** Commands in a fix are ready to be copied. */
function namingRun(settlement: Settlement, run: RunId): Settlement {
  if (settlement.state !== 'parked') return settlement
  return { ...settlement, fix: settlement.fix.replaceAll('runs resume RUN', `runs resume ${run}`) }
}

interface Handled {
  readonly result: JsonObject
  readonly missing: readonly string[]
}

async function handle(deps: PerformDeps, run: ClaimedRun): Promise<Handled> {
  assertMayRun(run)
  const integration = deps.integrations.get(run.integration)
  const handler = integration?.on.application_hired
  if (integration === undefined || handler === undefined) {
    throw new Refused('runs.no_handler', `No integration "${run.integration}" handles ${run.event.name}.`)
  }
  const given = parseConnection(integration, run)

  const gate = deps.openGate(run)
  const files = deps.files.open(run.connection.id)
  try {
    await gate.start()
    return await handleThrough({ ...deps, download: files.download }, run, { gate, handler, given })
  } finally {
    files.release()
    gate.finish()
  }
}

async function handleThrough(
  deps: PerformDeps & { readonly download: DownloadFile },
  run: ClaimedRun,
  {
    gate,
    handler,
    given,
  }: {
    readonly gate: RunGate
    readonly handler: Handler
    readonly given: ReturnType<typeof parseConnection>
  },
): Promise<Handled> {
  const openHttp = deps.openHttp(gate)
  const client = openPinpoint(openHttp(pinpointHttpOptions(run.tenant.apiUrl, run.tenant.apiKey)))
  const hire: Pinpoint['hire'] = (id) => deps.sharedHires(run, () => client.hire(id))
  const pinpoint = deps.parking.follow(run, { ...client, hire })
  const data = await fetchHire(pinpoint, expectingOf(run))
  const madeBefore = createMadeBefore({ pinpoint, clock: deps.clock }, data, run.event.triggeredAt)
  const context = createContext({ ...deps, openHttp, cached: deps.cached(run), madeBefore }, run, {
    ...given,
    data,
  })

  warnOfCut(data, context.handler)
  const result = await handler(context.handler)
  await comment(pinpoint, context, { run, result })
  return { result: toResult(result, context.warnings), missing: context.missing }
}

/** What of a run decides whether it may start, and with which settings: the same for a preview. */
type Startable = Pick<ClaimedRun, 'takeovers' | 'diedAlone'> & {
  readonly connection: Pick<ClaimedRun['connection'], 'enabled' | 'paused' | 'settings' | 'secrets'>
}

export function assertMayRun({ takeovers, diedAlone, connection }: Startable): void {
  if (diedAlone) {
    throw new NeedsPerson(
      'runs.crashed_repeatedly',
      `${takeovers} workers died while they were on this run, the last one with no other run at work.`,
      {
        fix: 'Look for the cause in the logs of the workers that died, then resume the run.',
      },
    )
  }
  if (connection.paused !== undefined) {
    const { code, reason, fix } = connection.paused
    throw new NeedsPerson(code, reason, { fix, liftedBy: 'connection' })
  }
  if (!connection.enabled) {
    throw new NeedsPerson('runs.connection_off', 'The connection was switched off before this run started.', {
      fix: 'Enable the connection; the run then resumes by itself. Or cancel the run.',
      liftedBy: 'connection',
    })
  }
}

export function parseConnection(integration: Integration, { connection }: Pick<Startable, 'connection'>) {
  const settings = integration.settings.safeParse(connection.settings)
  const secrets = integration.secrets.safeParse(connection.secrets)
  if (settings.success && secrets.success) return { settings: settings.data, secrets: secrets.data }

  const issues = [...(settings.error?.issues ?? []), ...(secrets.error?.issues ?? [])]
  const fields = [...new Set(issues.map((issue) => issue.path.join('.') || issue.code))]
  throw new NeedsPerson(
    'runs.settings_invalid',
    `The connection's settings are not valid: ${fields.join(', ')}.`,
    {
      fix: 'Correct the connection and apply it again; the run then resumes by itself.',
      liftedBy: 'connection',
      details: { fields },
    },
  )
}

export async function fetchHire(pinpoint: Pinpoint, run: Expecting): Promise<HiredApplication> {
  const hire = assertHired(await pinpoint.hire(run.subject), run)
  if (hire.concealed) {
    throw new NeedsPerson(
      'pinpoint.concealed',
      `Application ${run.subject} is concealed by anonymised screening.`,
      {
        fix: 'Reveal the candidate in Pinpoint; the run then goes on by itself.',
        liftedBy: 'record',
      },
    )
  }
  return hire
}

/** What a hire can do without is missing because the answer was too large with it. */
export function warnOfCut({ cut }: HiredApplication, { warn }: Pick<RunContext['handler'], 'warn'>): void {
  if (cut === undefined) return
  warn(
    'pinpoint.answer_cut',
    `Pinpoint’s answer was larger than 2 MiB, so it was read without: ${cut.join(', ')}.`,
  )
}

async function comment(
  pinpoint: Pinpoint,
  context: RunContext,
  { run, result }: { readonly run: ClaimedRun; readonly result: HandlerResult },
): Promise<void> {
  if (result.record === undefined || result.record.how === 'planned') return
  await context.ensure(commentEffect(pinpoint, run.subject, result.record))
}

function toResult({ did, record }: HandlerResult, warnings: readonly Warning[]): JsonObject {
  return {
    did,
    ...(record?.id === undefined ? {} : { recordId: record.id, how: record.how }),
    warnings: distinct(warnings).map((warning) => ({ ...warning })),
  }
}

/** A later try may warn of the same again. */
export function distinct(warnings: readonly Warning[]): readonly Warning[] {
  return [...new Map(warnings.map((warning) => [`${warning.code} ${warning.message}`, warning])).values()]
}
