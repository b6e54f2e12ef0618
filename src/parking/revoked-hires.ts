/**
 * Revoked hires. Before the run has acted, it is cancelled. Afterwards, it parks and says what exists, since only a person can
 * decide about a record that somebody may be working with. Nothing is ever deleted.
 */
import { NeedsPerson } from '../base/failure.ts'
import type { OpenHttp } from '../base/http.ts'
import type { RunId } from '../base/ids.ts'
import { quoted } from '../base/plain-text.ts'
import { journalledRecord } from '../effects/known-record.ts'
import type { Log } from '../observe/log.ts'
import { openPinpoint } from '../pinpoint/client.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import { type ClaimedRun, isActive, type RunState, type Settlement } from '../runs/run.ts'
import type { Integration } from '../sdk/integration.ts'
import type { Recheck, RecheckOutcome, RecheckStore } from './ports.ts'

/** A run whose application may no longer be hired. */
export interface RevocableRun {
  readonly id: RunId
  readonly state: RunState
  readonly turn: number
  readonly code: string | undefined
  /** The run waits for the delay of its connection, and has done nothing. */
  readonly delayed: boolean
  /** What the run has made, when it is done. Undefined when the record existed before. */
  readonly made: { readonly recordId: string; readonly since: Date } | undefined
}

export interface RevokedHireStore {
  runOf(recheck: Recheck): Promise<RevocableRun | undefined>
  /** Cancels a run that has not started. False when it has. */
  cancelDelayed(run: RevocableRun, because: string): Promise<boolean>
  /** Parks a run that was done. False when it no longer is. */
  parkDone(run: RevocableRun, why: NeedsPerson): Promise<boolean>
  /** Ends the rechecks of this run, unless a signal came in the meantime. */
  forget(recheck: Recheck): Promise<void>
}

export type Consequence =
  | { readonly act: 'cancel'; readonly because: string }
  | { readonly act: 'park'; readonly why: NeedsPerson }
  /** The run is active and will notice. Rechecked in case it has read the application before the change. */
  | { readonly act: 'again' }
  | { readonly act: 'resume'; readonly because: string }
  | { readonly act: 'nothing' }

/** What to do about one run, given the stage of its application in Pinpoint notHired. */
export function consequenceOf(
  run: Pick<RevocableRun, 'state' | 'code' | 'delayed' | 'made'>,
  {
    application,
    stage,
    title,
  }: {
    readonly application: string
    /** `hired`, another stage, or `gone`. */
    readonly stage: string
    readonly title: string
  },
): Consequence {
  const { state, code, delayed, made } = run
  if (state === 'parked' && code === revokedCode && stage === 'hired')
    return { act: 'resume', because: 'hired again' }
  if (state === 'waiting' && code === 'pinpoint.not_hired_yet' && stage === 'hired')
    return { act: 'resume', because: 'Pinpoint shows the application as hired now' }
  if (stage === 'hired') return { act: 'nothing' }
  const notHired = noLongerHired(application, stage)
  if (delayed) return { act: 'cancel', because: `${notHired}: cancelled` }
  if (isActive(state)) return { act: 'again' }
  if (state !== 'done' || made === undefined) return { act: 'nothing' }
  const since = made.since.toISOString().slice(0, 10)
  const exists = `record ${made.recordId} exists in ${title} since ${since}`
  return { act: 'park', why: hireRevoked({ undone: notHired, exists, title }) }
}

const revokedCode = 'runs.hire_undone'

function hireRevoked({
  undone,
  exists,
  title,
}: {
  readonly undone: string
  readonly exists: string
  readonly title: string
}): NeedsPerson {
  return new NeedsPerson('runs.hire_undone', `${undone}, and ${exists}: decide there.`, {
    fix: `Decide in ${title} what becomes of it; this service deletes nothing there. Then cancel the run. If the person is hired again, the run resumes automatically.`,
    resumesOn: 'record',
  })
}

function noLongerHired(application: string, stage: string): string {
  return stage === 'gone'
    ? `Application ${application} does not exist in Pinpoint any more`
    : `Application ${application} is no longer hired (it is in ${quoted(stage)})`
}

/** An application whose stage Pinpoint does not show counts as hired: no reason to act. */
function stageOf(
  application: Pick<HiredApplication, 'stageType' | 'isDemo'> | undefined,
  { demoHires }: Recheck['tenant'],
): string {
  if (application === undefined) return 'gone'
  return demoHires && application.isDemo ? 'hired' : (application.stageType ?? 'hired')
}

export interface RevokedHireDeps {
  readonly store: RecheckStore
  readonly revokedHires: RevokedHireStore
  readonly integrations: ReadonlyMap<string, Integration>
  readonly openHttp: (recheck: Recheck) => OpenHttp
  readonly log: Log
}

/** The recheck after an event about the application: is it still hired? */
export async function recheckHired(deps: RevokedHireDeps, recheck: Recheck): Promise<RecheckOutcome> {
  const { revokedHires, store, log } = deps
  const pinpoint = openPinpoint(deps.openHttp(recheck), recheck.tenant)
  const stage = stageOf(await pinpoint.application(recheck.application), recheck.tenant)
  const run = await revokedHires.runOf(recheck)
  if (run === undefined) return 'moved_on'

  const title = titleOf(deps.integrations.get(recheck.connection.integration), recheck)
  const consequence = consequenceOf(run, { application: recheck.application, stage, title })
  switch (consequence.act) {
    case 'cancel':
      if (!(await revokedHires.cancelDelayed(run, consequence.because))) break
      log.info({ run: run.id }, 'run cancelled: its hire was revoked before the run started')
      return 'cancelled'
    case 'park':
      if (!(await revokedHires.parkDone(run, consequence.why))) break
      log.warn({ run: run.id }, 'run parked: its hire was revoked after the record was made')
      return 'parked'
    case 'resume':
      return (await store.resume({ ...recheck, turn: run.turn }, consequence.because))
        ? 'resumed'
        : 'moved_on'
    case 'again':
      break
    case 'nothing':
      // The event may be ahead of the API: rechecked once more.
      if (recheck.times > 0) {
        await revokedHires.forget(recheck)
        return 'unchanged'
      }
  }
  await store.unchanged(recheck)
  return 'unchanged'
}

function titleOf(integration: Integration | undefined, { connection }: Recheck): string {
  return integration?.title ?? connection.integration
}

/** A run that would end because of a revoked hire, but has already made something, parks instead. */
export function parkIfMade(
  run: ClaimedRun,
  settlement: Settlement & { readonly state: 'refused' },
): Settlement {
  const made = [...run.journal].flatMap(([title, { outcome, output }]) =>
    outcome === 'created' || outcome === 'adopted'
      ? [`${title} (${journalledRecord(output)?.id ?? 'without an id'})`]
      : [],
  )
  if (made.length === 0) return settlement
  const undone = settlement.reason.replace(/\.$/, '')
  const exists = `this run has made ${made.join(' and ')}`
  const { code, message, fix, resumesOn } = hireRevoked({ undone, exists, title: run.integration })
  return { state: 'parked', code, reason: message, fix, resumesOn, pausesConnection: false }
}
