/**
 * One sweep: reads the hired applications of Pinpoint page by page, and commits each page's missing hires together with the cursor.
 * How a hire is recognised, and why a sweep never makes a second event of it: docs/decisions/0013-sweep.md
 */
import { type Clock, secondsAfter } from '../base/clock.ts'
import { Failure, NeedsPerson, RetryLater } from '../base/failure.ts'
import type { OpenHttp } from '../base/http.ts'
import { sentence } from '../base/plain-text.ts'
import { type Log, safeError } from '../observe/log.ts'
import { openPinpoint } from '../pinpoint/client.ts'
import type { HiresCursor, HiresPage, ListedHire } from '../pinpoint/list-hires.ts'
import { LeaseLost } from '../runs/ports.ts'
import { firstDelaySeconds } from '../runs/retry-policy.ts'
import { mostPages, tooManyPages } from './bounds.ts'
import { countsOf } from './counts.ts'
import type {
  ClaimedSweep,
  FoundHire,
  Handling,
  JudgedHire,
  SweepCounts,
  SweepEnd,
  SweepPage,
  SweepRequest,
  SweepStore,
  SweepView,
  Verdict,
} from './ports.ts'

/** The webhook of a hire this young may still be on its way. */
export const webhookGraceSeconds = 15 * 60
/** Pinpoint lists a thousand at most; a page of this size is a fraction of a megabyte. */
const usualPageSize = 500
/** Pinpoint allows 30 calls a minute over time, and runs need them more than a sweep does. */
const usualPauseSeconds = 5
/** The next sweep of the schedule comes anyway. */
const mostFailures = 6

/** What a preview needs: it only reads. */
export interface SweepPreviewDeps {
  readonly store: Pick<SweepStore, 'look'>
  /** Opened read-only, within the limits that all processes share. */
  readonly openHttp: (sweep: Pick<SweepRequest, 'tenant'>) => OpenHttp
  readonly handling: Handling
  readonly clock: Clock
  readonly pageSize?: number
  /** Between two calls to Pinpoint, in seconds. Default 5. */
  readonly pauseSeconds?: number
  /** Called with the number of hires of each page that was read. */
  readonly onPage?: (hires: number) => void
}

export interface SweepDeps extends SweepPreviewDeps {
  readonly store: SweepStore
  readonly log: Log
  /** After this many pages it is handed back, behind the sweeps that wait. Default: it goes on to its end. */
  readonly pagesOfOneTurn?: number
  /** Its caller waits and reads how it ended, so it is not logged. */
  readonly attended?: boolean
  /** Called after the end of each sweep. */
  readonly onEnded?: (sweep: SweepView) => void
}

/** Continues a sweep that this process holds, until it ends, waits, or is stopped. */
export async function performSweep(
  deps: SweepDeps,
  sweep: ClaimedSweep,
  stopping: AbortSignal,
): Promise<SweepView | undefined> {
  const { pagesOfOneTurn = Infinity } = deps
  let failures = sweep.failures
  let pages = 0
  try {
    for await (const page of pagesOf(deps, sweep, { from: sweep.cursor, stopping, patient: false })) {
      await deps.store.record(sweep, page, deps.handling)
      failures = 0
      pages++
      if (pages >= pagesOfOneTurn && page.next !== undefined)
        return await settle(deps, sweep, { state: 'queued' })
    }
    return await settle(deps, sweep, stopping.aborted ? { state: 'queued' } : { state: 'done' })
  } catch (error) {
    if (error instanceof LeaseLost) return undefined
    if (!(error instanceof Failure)) {
      deps.log.error({ sweep: sweep.id, ...safeError(error) }, 'bug in a sweep')
    }
    return settle(deps, sweep, endOf(error, failures, deps.clock.now()))
  }
}

export interface SweepPreview {
  readonly counts: SweepCounts
  readonly missing: readonly FoundHire[]
  readonly restarted: readonly FoundHire[]
}

/** What this sweep would find now. Writes nothing. */
export async function previewSweep(
  deps: SweepPreviewDeps,
  { pinpoint, ...request }: SweepRequest & Pick<ClaimedSweep, 'pinpoint'>,
  stopping: AbortSignal,
): Promise<SweepPreview> {
  const found: FoundHire[] = []
  let seen = 0
  const from = { updatedAfter: request.since, page: 1 }
  const asked = { ...request, pinpoint }
  for await (const { hires } of pagesOf(deps, asked, { from, stopping, patient: true })) {
    seen += hires.length
    const known = new Set(found.map(({ hire }) => hire.id))
    const fresh = await deps.store.look(request, hires, deps.handling)
    found.push(...fresh.filter(({ hire }) => !known.has(hire.id)))
  }
  const of = (wanted: Verdict) => found.filter(({ verdict }) => verdict === wanted)
  const [missing, restarted] = [of('missing'), of('restarted')]
  const runs = [...missing, ...restarted].reduce((sum, { integrations }) => sum + integrations.length, 0)
  return { counts: { seen, ...countsOf(found), runs }, missing, restarted }
}

interface Reading {
  readonly from: HiresCursor
  readonly stopping: AbortSignal
  /** Waits for limits here, since no other process can continue: a preview is not stored. */
  readonly patient: boolean
}

async function* pagesOf(
  { openHttp, clock, pageSize = usualPageSize, pauseSeconds = usualPauseSeconds, onPage }: SweepPreviewDeps,
  sweep: SweepRequest & Pick<ClaimedSweep, 'pinpoint'> & Partial<Pick<ClaimedSweep, 'pages'>>,
  { from, stopping, patient }: Reading,
): AsyncGenerator<SweepPage> {
  const pinpoint = openPinpoint(openHttp(sweep), sweep.pinpoint)
  const { pages = 0 } = sweep
  let cursor = from
  const met = new Set<string>()
  const known = new Set<string>()
  for (let page = pages + 1; !stopping.aborted; page++) {
    if (page > mostPages) throw tooManyPages()
    const read = () => pinpoint.hires(cursor, pageSize)
    const answer = await (patient ? waitingForLimits(read, clock, stopping) : read())
    const hires = answer.hires.filter((hire) => isNew(met, hire))
    const next = isRepeated(known, cursor, answer) ? undefined : answer.next
    const now = clock.now()
    onPage?.(hires.length)
    yield { hires: hires.map((hire) => judge(hire, sweep, now)), next }
    if (next === undefined) return
    cursor = next
    await clock.sleep(pauseSeconds * 1000, stopping)
  }
}

async function waitingForLimits<T>(read: () => Promise<T>, clock: Clock, stopping: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof RetryLater) || !error.free || stopping.aborted) throw error
      const now = clock.now()
      const until = error.after ?? secondsAfter(now, 30)
      await clock.sleep(Math.max(0, until.getTime() - now.getTime()), stopping)
    }
  }
}

/** A further page of the same second without a new hire: the server ignores the page number. */
function isRepeated(known: Set<string>, { page }: HiresCursor, { listed }: HiresPage): boolean {
  const before = known.size
  for (const id of listed) known.add(id)
  return page > 1 && known.size === before
}

/** The last second of a page is listed again; a hire that changed meanwhile is judged again. */
function isNew(met: Set<string>, { id, updatedAt }: ListedHire): boolean {
  const size = met.size
  return met.add(`${id} ${updatedAt.getTime()}`).size > size
}

function judge(hire: ListedHire, { since, undated }: SweepRequest, now: Date): JudgedHire {
  return { ...hire, verdict: verdictOf(hire, { since, undated, now }) }
}

function verdictOf(
  { hiredAt, updatedAt }: ListedHire,
  { since, undated, now }: { readonly since: Date; readonly undated: boolean; readonly now: Date },
): Verdict {
  if (hiredAt === undefined && !undated) return 'without_date'
  if (hiredAt !== undefined && hiredAt < since) return 'older'
  return (hiredAt ?? updatedAt) > secondsAfter(now, -webhookGraceSeconds) ? 'fresh' : 'missing'
}

function endOf(error: unknown, failures: number, now: Date): SweepEnd {
  if (error instanceof RetryLater) {
    const { code, reason, after, free } = error
    const delay = free ? 30 : firstDelaySeconds * 2 ** failures
    const nextAt = after ?? secondsAfter(now, delay)
    if (free || failures + 1 < mostFailures) return { state: 'waiting', code, reason, nextAt, free }
    return { state: 'failed', code, reason, fix: undefined }
  }
  if (error instanceof NeedsPerson) {
    return { state: 'failed', code: error.code, reason: error.reason, fix: sentence(error.fix) }
  }
  if (error instanceof Failure) {
    return { state: 'failed', code: error.code, reason: error.reason, fix: undefined }
  }
  const reason = 'An unexpected error, which is a bug. The log has the line of code under this sweep’s id.'
  return { state: 'failed', code: 'sweep.bug', reason, fix: 'Report it with the log lines of this sweep.' }
}

async function settle(deps: SweepDeps, sweep: ClaimedSweep, end: SweepEnd): Promise<SweepView | undefined> {
  const { log, onEnded, attended = false } = deps
  const view = await deps.store.end(sweep, end)
  if (view === undefined || (view.state !== 'done' && view.state !== 'failed')) return view
  if (!attended) logEnd(log, view)
  onEnded?.(view)
  return view
}

/** Log lines for each sweep that found something or failed: alerts can depend on their level. */
function logEnd(log: Log, view: SweepView): void {
  const { id, tenant, cause, seen, missing, runs, fresh, older, withoutDate, restarted, exhausted, code } =
    view
  const fields = {
    sweep: id,
    tenant,
    cause,
    seen,
    missing,
    runs,
    fresh,
    older,
    withoutDate,
    restarted,
    exhausted,
  }
  if (missing > 0) log.error(fields, 'webhooks that never came: their hires were found by a sweep')
  else log.info(fields, 'a sweep ended')
  // Not the webhook's fault: it came before Pinpoint's API showed the hire.
  if (restarted > 0)
    log.warn(fields, 'hires started again by a sweep: their runs had ended before Pinpoint showed them')
  if (exhausted > 0) log.error(fields, 'hires that sweeps have started again three times, in vain')
  if (view.state === 'failed') log.error({ sweep: id, tenant, code, reason: view.reason }, 'a sweep failed')
}
