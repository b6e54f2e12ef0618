/** Explains why a hire has or has not reached the destination: what is known, in the order of processing, and the next command. */
import { counted } from '../base/duration.ts'
import type { ApplicationOfTenant } from '../hires/ports.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import { webhookGraceSeconds } from '../sweeps/sweep.ts'
import type { SweepSchedule } from '../tenants/sweep-schedule.ts'
import type { EventView } from './event-view.ts'
import type { RunView } from './operate.ts'

/** Instants are ISO 8601. */
export interface KnownOfApplication {
  /** Newest first. */
  readonly events: readonly EventView[]
  /** The newest run of each connection, over all events. */
  readonly runs: readonly RunView[]
  /** Acknowledged, but not dispatched: `inbox` for a moment, `deferred` while the tenant is over its quota. */
  readonly undispatched: 'inbox' | 'deferred' | null
  /** Deliveries about it that no signing secret verified. */
  readonly quarantined: number
  readonly connections: readonly {
    readonly integration: string
    readonly enabled: boolean
    readonly enabledSince: string
  }[]
  readonly sweep: SweepSchedule
  readonly lastSweepAt: string | null
}

/** `id`: that of the record, run or event of the application, where the text is only its beginning. */
export type NamedApplication = ApplicationOfTenant & { readonly id?: string }

export interface WhyReader {
  /**
   * Which applications a text names: an id of an application, a record, an event or a run, an e-mail, or words of a name; else all that
   * have a record, a run or an event whose id begins so.
   */
  applications(query: {
    readonly text: string
    readonly tenant?: string | undefined
    readonly limit: number
  }): Promise<readonly NamedApplication[]>
  known(about: ApplicationOfTenant): Promise<KnownOfApplication>
}

/** What Pinpoint says now, or why it was not asked or did not answer. */
export type PinpointSays =
  | { readonly asked: true; readonly application: HiredApplication | undefined; readonly demoHires: boolean }
  | { readonly asked: false; readonly because: string; readonly offline: boolean }

export interface Explanation {
  /** The outcome in one word. */
  readonly verdict:
    | 'done'
    | 'under_way'
    | 'waits_for_person'
    | 'ended'
    | 'not_dispatched'
    | 'quarantined'
    | 'not_hired'
    | 'missed'
    | 'never_heard'
  readonly findings: readonly { readonly what: string; readonly text: string }[]
  /** A whole command line without the program's name. */
  readonly next: string | null
}

interface About extends ApplicationOfTenant {
  readonly known: KnownOfApplication
  readonly pinpoint: PinpointSays
  readonly now: Date
}

export function explain(about: About): Explanation {
  const { verdict, next } = conclude(about)
  return {
    verdict,
    next,
    findings: [
      webhookFinding(about.known),
      ...about.known.runs.map(runFinding),
      pinpointFinding(about),
      sweepFinding(about),
    ].flatMap((one) => one ?? []),
  }
}

type Conclusion = Pick<Explanation, 'verdict' | 'next'>

function conclude(about: About): Conclusion {
  const { tenant, application, known } = about
  const { events, runs, undispatched, quarantined } = known
  const parked = runs.find(({ state }) => state === 'parked')
  if (parked !== undefined) return { verdict: 'waits_for_person', next: `runs show ${parked.id}` }
  const active = runs.find(({ state }) => ['queued', 'running', 'waiting'].includes(state))
  if (active !== undefined) return { verdict: 'under_way', next: `runs show ${active.id}` }
  if (runs.length > 0 && runs.every(({ state }) => state === 'done')) return { verdict: 'done', next: null }
  const [event] = events
  const ended = runs.find(({ state }) => state !== 'done')
  if (event !== undefined && ended !== undefined)
    return { verdict: 'ended', next: isHired(about) === false ? null : `replay ${event.id}` }
  if (undispatched !== null) return { verdict: 'not_dispatched', next: 'doctor' }
  if (quarantined > 0) return { verdict: 'quarantined', next: `quarantine list --tenant ${tenant}` }
  if (event !== undefined) return { verdict: 'not_dispatched', next: toEnable(about) ?? `replay ${event.id}` }
  if (isHired(about) === false) return { verdict: 'not_hired', next: null }
  if (isHired(about))
    return { verdict: 'missed', next: toEnable(about) ?? (isRecent(about) ? null : toSweep(about)) }
  return {
    verdict: 'never_heard',
    next: !about.pinpoint.asked && about.pinpoint.offline ? `why ${application} --tenant ${tenant}` : null,
  }
}

/** Undefined: Pinpoint was not asked. */
function isHired({ pinpoint }: About): boolean | undefined {
  if (!pinpoint.asked) return undefined
  const { application, demoHires } = pinpoint
  if (application === undefined) return false
  return (application.stageType ?? 'hired') === 'hired' || (application.isDemo && demoHires)
}

/** Its webhook may still come, so sweeps leave it alone. */
function isRecent({ pinpoint, now }: Pick<About, 'pinpoint' | 'now'>): boolean {
  const hiredAt = pinpoint.asked ? pinpoint.application?.hiredAt : undefined
  return hiredAt !== undefined && Date.parse(hiredAt) > now.getTime() - webhookGraceSeconds * 1000
}

function toEnable({ tenant, known: { connections } }: About): string | undefined {
  const [first] = connections
  if (first === undefined) return `apply FILE`
  return connections.some(({ enabled }) => enabled)
    ? undefined
    : `connections enable ${tenant} ${first.integration}`
}

/** Sweeps from the day before the hire, or, if its date is unknown, as far back as the schedule does. */
function toSweep({ tenant, pinpoint }: About): string {
  const hiredAt = pinpoint.asked ? pinpoint.application?.hiredAt : undefined
  const moment = hiredAt === undefined ? NaN : Date.parse(hiredAt)
  if (Number.isNaN(moment)) return `sweep ${tenant} --preview`
  return `sweep ${tenant} --since ${new Date(moment - 86_400_000).toISOString().slice(0, 10)} --preview`
}

function webhookFinding({ events, undispatched, quarantined }: KnownOfApplication) {
  const what = 'Webhook'
  const [event] = events
  if (event !== undefined) {
    const how = arrivals[event.origin] ?? 'received'
    const wait =
      undispatched === null
        ? ''
        : undispatched === 'inbox'
          ? ', its runs are about to start'
          : ', its runs start later: the tenant is over its quota'
    return { what, text: `${how} ${event.receivedAt} (event ${event.id})${wait}` }
  }
  if (quarantined === 0) return { what, text: 'none was received' }
  const deliveries = quarantined === 1 ? '1 delivery is' : `${quarantined} deliveries are`
  return {
    what,
    text: `${deliveries} in quarantine, since no signing secret verified ${quarantined === 1 ? 'it' : 'them'}`,
  }
}

function runFinding({ integration, state, reason, fix, result, updatedAt }: RunView) {
  const record = typeof result?.['recordId'] === 'string' ? `, record ${result['recordId']}` : ''
  const warnings = Array.isArray(result?.['warnings']) ? result['warnings'].length : 0
  const warned = warnings === 0 ? '' : `, with ${counted(warnings, 'warning')}`
  const why = reason === null || state === 'done' ? '' : `: ${reason}`
  const mend = fix === null || state !== 'parked' ? '' : ` ${fix}`
  return { what: integration, text: `${state} since ${updatedAt}${record}${warned}${why}${mend}` }
}

function pinpointFinding(about: About) {
  const what = 'Pinpoint'
  const { pinpoint } = about
  if (!pinpoint.asked)
    return { what, text: `${pinpoint.offline ? 'not asked' : 'gave no answer'}: ${pinpoint.because}` }
  const { application } = pinpoint
  if (application === undefined)
    return { what, text: 'does not know this application, or does not show it to this API key' }
  const { stageType = 'not said', hiredAt } = application
  if (isHired(about) !== true) return { what, text: `not hired: it is in the stage "${stageType}"` }
  const at = hiredAt === undefined ? NaN : Date.parse(hiredAt)
  return {
    what,
    text: Number.isNaN(at) ? 'hired; it does not say when' : `hired ${new Date(at).toISOString()}`,
  }
}

/** How an event came to us; `received` unless it says otherwise. */
const arrivals: Readonly<Record<string, string>> = {
  sweep: 'found by a sweep',
  quarantine: 'admitted from quarantine',
}

/** Whether a sweep will find a hire that has no event, and if not, why. */
function sweepFinding({ known: { events, sweep, lastSweepAt, connections }, pinpoint, now }: About) {
  const what = 'Sweep'
  if (events.length > 0 || !pinpoint.asked || pinpoint.application === undefined) return undefined
  if (sweep === 'off') return { what, text: 'scheduled sweeps are off for this tenant' }
  const { hiredAt } = pinpoint.application
  const last = lastSweepAt === null ? 'there was none yet' : `the last one was ${lastSweepAt}`
  if (hiredAt === undefined)
    return { what, text: `no moment of the hire is known, so scheduled sweeps skip it; ${last}` }
  const moment = Date.parse(hiredAt)
  if (isRecent({ pinpoint, now })) {
    const minutes = webhookGraceSeconds / 60
    return {
      what,
      text: `not yet: hired in the last ${minutes} minutes, so its webhook may still come. Ask again after that`,
    }
  }
  const enabled = connections.filter((one) => one.enabled)
  if (enabled.length > 0 && enabled.every(({ enabledSince }) => moment < Date.parse(enabledSince)))
    return { what, text: 'skips it: hired before the connection was enabled' }
  const reaches = moment >= now.getTime() - sweep.lookBackSeconds * 1000
  return {
    what,
    text: reaches
      ? `the next scheduled one finds it; ${last}`
      : `out of reach: hired more than ${Math.round(sweep.lookBackSeconds / 86_400)} days ago; ${last}`,
  }
}
