/**
 * A hire that is undone. Before its run has acted: the run is cancelled. Afterwards: the run parks and says what exists, since
 * only a person can tell what becomes of a record that somebody may be working with. Nothing is ever deleted.
 */
import { NeedsPerson } from '../base/failure.ts'
import type { OpenHttp } from '../base/http.ts'
import type { RunId } from '../base/ids.ts'
import { quoted } from '../base/plain-text.ts'
import { journalledId } from '../effects/known-record.ts'
import type { Log } from '../observe/log.ts'
import { openPinpoint } from '../pinpoint/client.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import { type ClaimedRun, isActive, type RunState, type Settlement } from '../runs/run.ts'
import type { Integration } from '../sdk/integration.ts'
import type { Recheck, RecheckOutcome, RecheckStore } from './ports.ts'

/** A run whose application may no longer be hired. */
export interface RunToAsk {
  readonly id: RunId
  readonly state: RunState
  readonly turn: number
  readonly code: string | undefined
  /** True while it waits for the delay of its connection, and has done nothing. */
  readonly delayed: boolean
  /** What it has made, when it is done; undefined when that was there before. */
  readonly made: { readonly recordId: string; readonly since: Date } | undefined
}

export interface RevokedHireStore {
  runOf(recheck: Recheck): Promise<RunToAsk | undefined>
  /** Ends a run that has not begun. False when it has. */
  cancelDelayed(run: RunToAsk, because: string): Promise<boolean>
  /** Parks a run that was done. False when it is not done any more. */
  parkDone(run: RunToAsk, why: NeedsPerson): Promise<boolean>
  /** Nothing more to ask for this run, unless a signal came meanwhile. */
  forget(recheck: Recheck): Promise<void>
}

export type Undone =
  | { readonly act: 'cancel'; readonly because: string }
  | { readonly act: 'park'; readonly why: NeedsPerson }
  /** It is on its way and will see for itself; asked again in case it has seen what was there before. */
  | { readonly act: 'again' }
  | { readonly act: 'resume'; readonly because: string }
  | { readonly act: 'nothing' }

/** What follows for one run from what Pinpoint says about its application now. */
export function whatFollows(
  run: Pick<RunToAsk, 'state' | 'code' | 'delayed' | 'made'>,
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
): Undone {
  const { state, code, delayed, made } = run
  if (state === 'parked' && code === undoneCode && stage === 'hired')
    return { act: 'resume', because: 'hired again' }
  if (state === 'waiting' && code === 'pinpoint.not_hired_yet' && stage === 'hired')
    return { act: 'resume', because: 'Pinpoint shows the application as hired now' }
  if (stage === 'hired') return { act: 'nothing' }
  const now = noLongerHired(application, stage)
  if (delayed) return { act: 'cancel', because: `${now}: cancelled` }
  if (isActive(state)) return { act: 'again' }
  if (state !== 'done' || made === undefined) return { act: 'nothing' }
  const since = made.since.toISOString().slice(0, 10)
  const exists = `record ${made.recordId} exists in ${title} since ${since}`
  return { act: 'park', why: hireUndone({ undone: now, exists, title }) }
}

const undoneCode = 'runs.hire_undone'

function hireUndone({
  undone,
  exists,
  title,
}: {
  readonly undone: string
  readonly exists: string
  readonly title: string
}): NeedsPerson {
  return new NeedsPerson('runs.hire_undone', `${undone}, and ${exists}: decide there.`, {
    fix: `Decide in ${title} what becomes of it; nothing is deleted by itself. Then cancel the run. Hired again, it goes on by itself.`,
    resumesOn: 'record',
  })
}

function noLongerHired(application: string, stage: string): string {
  return stage === 'gone'
    ? `Application ${application} does not exist in Pinpoint any more`
    : `Application ${application} is no longer hired (it is in ${quoted(stage)})`
}

/** Undefined: Pinpoint did not say, which is no reason to do anything. */
function stageOf(
  application: Pick<HiredApplication, 'stageType' | 'isDemo'> | undefined,
  { demoHires }: Recheck['tenant'],
): string {
  if (application === undefined) return 'gone'
  return demoHires && application.isDemo ? 'hired' : (application.stageType ?? 'hired')
}

export interface AskDeps {
  readonly store: RecheckStore
  readonly revokedHires: RevokedHireStore
  readonly integrations: ReadonlyMap<string, Integration>
  readonly openHttp: (recheck: Recheck) => OpenHttp
  readonly log: Log
}

/** The look after an event about the application: is it still hired? */
export async function askWhetherHired(deps: AskDeps, recheck: Recheck): Promise<RecheckOutcome> {
  const { revokedHires, store, log } = deps
  const pinpoint = openPinpoint(deps.openHttp(recheck), recheck.tenant)
  const stage = stageOf(await pinpoint.application(recheck.application), recheck.tenant)
  const run = await revokedHires.runOf(recheck)
  if (run === undefined) return 'moved_on'

  const title = titleOf(deps.integrations.get(recheck.connection.integration), recheck)
  const follows = whatFollows(run, { application: recheck.application, stage, title })
  switch (follows.act) {
    case 'cancel':
      if (!(await revokedHires.cancelDelayed(run, follows.because))) break
      log.info({ run: run.id }, 'run cancelled: its hire was undone before it began')
      return 'cancelled'
    case 'park':
      if (!(await revokedHires.parkDone(run, follows.why))) break
      log.warn({ run: run.id }, 'run parked: its hire was undone after the record was made')
      return 'parked'
    case 'resume':
      return (await store.resume({ ...recheck, turn: run.turn }, follows.because)) ? 'resumed' : 'moved_on'
    case 'again':
      break
    case 'nothing':
      // An event may be faster than what the API shows: asked once more.
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

/** At the time of acting: a run that is to end because of an undone hire, but has made something before, parks instead. */
export function unlessMade(
  run: ClaimedRun,
  settlement: Settlement & { readonly state: 'refused' },
): Settlement {
  const made = [...run.journal].flatMap(([title, { outcome, output }]) =>
    outcome === 'created' || outcome === 'adopted'
      ? [`${title} (${journalledId(output) ?? 'without an id'})`]
      : [],
  )
  if (made.length === 0) return settlement
  const undone = settlement.reason.replace(/\.$/, '')
  const exists = `this run has made ${made.join(' and ')}`
  const { code, message, fix, resumesOn } = hireUndone({ undone, exists, title: run.integration })
  return { state: 'parked', code, reason: message, fix, resumesOn, pausesConnection: false }
}
