/**
 * What runs would do now: the real handlers over real reads, with a client that refuses every other call and a ledger
 * that cannot be written. Why this cannot make anything: docs/decisions/0014-preview.md
 */
import { type Clock, secondsAfter } from '../base/clock.ts'
import { Failure, NeedsPerson, Refused, RetryLater, WriteRefused } from '../base/failure.ts'
import type { DownloadFile, OpenHttp } from '../base/http.ts'
import type { ConnectionId } from '../base/ids.ts'
import type { Caller } from '../limits/counted-call.ts'
import { detailsOfWritten } from '../mapping/mapping.ts'
import { type Log, safeError } from '../observe/log.ts'
import { openPinpoint } from '../pinpoint/client.ts'
import { extras } from '../pinpoint/read-hire.ts'
import type { Integration } from '../sdk/integration.ts'
import { type CachedRead, createContext, type Warning } from '../worker/context.ts'
import { handleHire } from '../worker/hire-flow.ts'
import { openHandler } from '../worker/open-handler.ts'
import { distinct } from '../worker/perform.ts'
import type { Chosen } from './chosen-events.ts'
import type { LedgerReader, PreviewStore, PreviewSubject } from './ports.ts'
import { createPreviewEffects, type PreviewedEffect } from './preview-context.ts'
import { type PreviewedFields, previewFields } from './preview-fields.ts'

export interface PreviewDeps {
  readonly integrations: ReadonlyMap<string, Integration>
  readonly store: Pick<PreviewStore, 'open'>
  readonly ledger: LedgerReader
  readonly clock: Clock
  readonly log: Log
  readonly download: DownloadFile
  /** Opened read-only, within the limits of the connection. */
  readonly openHttp: (caller: Caller) => OpenHttp
  readonly cached: (connection: ConnectionId) => CachedRead
}

/** What one run would do. */
export interface Previewed {
  readonly event: string
  readonly application: string
  readonly integration: string
  readonly outcome: 'nothing_to_do' | 'would_make' | 'would_park' | 'would_refuse' | 'unknown'
  readonly effects: readonly PreviewedEffect[]
  readonly warnings: readonly Warning[]
  readonly code: string | undefined
  readonly reason: string | undefined
  readonly fix: string | undefined
  /** What it would send, field by field. Undefined: it does not come so far, or sends no fields. */
  readonly fields: PreviewedFields | undefined
}

export interface PreviewPace {
  /** Seconds between two, after the first few: the limits of the destination are those of the service, too. */
  readonly intervalSeconds: number
  readonly stopping: AbortSignal
  readonly onWait?: (until: Date, reason: string) => void
}

/** This many previews start without an interval. */
const burst = 10
/** The code of a run that met a bug. */
const bugCode = 'runs.bug'
/** The number of attempts when a destination keeps failing. */
const mostTries = 3

/** One after the other, in the order given. */
export async function* previewAll(
  deps: PreviewDeps,
  chosen: readonly Chosen[],
  pace: PreviewPace,
): AsyncGenerator<Previewed> {
  for (const [index, one] of chosen.entries()) {
    if (pace.stopping.aborted) return
    if (index >= burst) await deps.clock.sleep(pace.intervalSeconds * 1000, pace.stopping)
    yield await previewPatiently(deps, one, pace)
  }
}

/** Waits for limits, and retries brief failures a few times; then the outcome is unknown. */
async function previewPatiently(deps: PreviewDeps, chosen: Chosen, pace: PreviewPace): Promise<Previewed> {
  for (let tried = 1; ;) {
    const previewed = await previewOne(deps, chosen)
    if (!(previewed.again instanceof RetryLater)) return previewed.result
    const { again } = previewed
    if (!again.free) tried++
    if (tried > mostTries || pace.stopping.aborted) return previewed.result
    const until = again.after ?? secondsAfter(deps.clock.now(), tried)
    pace.onWait?.(until, again.message)
    await deps.clock.sleep(Math.max(0, until.getTime() - deps.clock.now().getTime()), pace.stopping)
  }
}

async function previewOne(
  deps: PreviewDeps,
  { event, connection, integration, application }: Chosen,
): Promise<{ readonly result: Previewed; readonly again?: RetryLater }> {
  const notes: Notes = { effects: [], warnings: [], fields: undefined }
  const { effects } = notes
  const told = { event, application, integration, effects }
  try {
    const subject = await deps.store.open(event, connection)
    if (subject === undefined) throw new Refused('runs.unknown_event', `There is no event ${event} any more.`)
    await handle(deps, subject, notes)
    const fields = await notes.fields?.()
    return { result: { ...told, ...ended(effects), fields, warnings: distinct(notes.warnings) } }
  } catch (error) {
    if (!(error instanceof Failure))
      deps.log.error({ event, integration, ...safeError(error) }, 'bug in a preview')
    const again = error instanceof RetryLater ? { again: error } : {}
    // Who refuses the credentials is asked nothing more.
    const asksMore =
      error instanceof WriteRefused || (error instanceof NeedsPerson && !error.pausesConnection)
    const fields = asksMore ? await notes.fields?.() : undefined
    return {
      result: { ...told, ...stopped(error, effects), fields, warnings: distinct(notes.warnings) },
      ...again,
    }
  }
}

interface Notes {
  readonly effects: PreviewedEffect[]
  readonly warnings: Warning[]
  /** Set once the hire is read. */
  fields: (() => Promise<PreviewedFields | undefined>) | undefined
}

async function handle(deps: PreviewDeps, subject: PreviewSubject, notes: Notes): Promise<void> {
  const { clock, download } = deps
  const { handler, textOfComment, ...values } = openHandler(deps.integrations, {
    ...subject,
    takeovers: 0,
    diedAlone: false,
  })
  const openHttp = deps.openHttp({ tenant: subject.tenant.id, connection: subject.connection.id })
  const cached = deps.cached(subject.connection.id)
  const integration = deps.integrations.get(subject.integration)
  const pinpoint = openPinpoint(openHttp, subject.tenant)
  const asked = [...extras, ...detailsOfWritten(subject.connection.mapping?.written)]
  await handleHire({
    pinpoint: { ...pinpoint, hire: (id) => pinpoint.hire(id, { extras: asked }) },
    clock,
    expecting: { ...subject, reads: 0, now: clock.now(), waits: false },
    handler,
    textOfComment,
    connection: subject.connection,
    createContext: (data, madeBefore) => {
      notes.fields = () => previewFields({ integration, openHttp, cached, values }, subject, data)
      return createContext(
        {
          ...{ clock, openHttp, download, cached, values, data },
          warnings: notes.warnings,
          effects: createPreviewEffects({ ...deps, madeBefore, effects: notes.effects }, subject),
        },
        subject,
      )
    },
  })
}

type Ending = Pick<Previewed, 'outcome' | 'code' | 'reason' | 'fix'>
const nothingMore = { code: undefined, reason: undefined, fix: undefined }

function ended(effects: readonly PreviewedEffect[]): Ending {
  const makes = effects.some(({ state }) => state === 'would_make')
  return { outcome: makes ? 'would_make' : 'nothing_to_do', ...nothingMore }
}

function stopped(error: unknown, effects: PreviewedEffect[]): Ending {
  if (error instanceof WriteRefused) {
    // A call outside of `ensure`: what would follow it is unknown.
    effects.push({ title: `Call to ${callOf(error)}`, state: 'would_make' })
    return ended(effects)
  }
  if (error instanceof NeedsPerson) {
    return { outcome: 'would_park', code: error.code, reason: error.reason, fix: error.fix }
  }
  if (error instanceof Refused) {
    return { outcome: 'would_refuse', ...nothingMore, code: error.code, reason: error.reason }
  }
  if (error instanceof Failure) {
    return { outcome: 'unknown', ...nothingMore, code: error.code, reason: error.reason }
  }
  const reason = 'An unexpected error, which is a bug. The log has the line of code.'
  return { outcome: 'unknown', ...nothingMore, code: bugCode, reason }
}

function callOf({ details }: Failure): string {
  const { destination, bucket } = details
  return `${typeof destination === 'string' ? destination : 'the destination'} (${typeof bucket === 'string' ? bucket : 'write'})`
}
