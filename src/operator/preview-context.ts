/** What a handler is given in a preview: the same reads, nothing that writes, and a list of what it would make. */
import type { Clock } from '../base/clock.ts'
import { secondsAfter } from '../base/clock.ts'
import { RetryLater } from '../base/failure.ts'
import type { DownloadFile, OpenHttp } from '../base/http.ts'
import { newRunId } from '../base/ids.ts'
import { existsUnseen } from '../effects/ensure.ts'
import { knownRecord } from '../effects/known-record.ts'
import type { MadeBefore } from '../effects/made-before.ts'
import { isTurn, mayBeLeft } from '../effects/optional.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { Effect, Ensured } from '../sdk/ensure.ts'
import type { HandlerContext } from '../sdk/integration.ts'
import type { CachedRead, Warning } from '../worker/context.ts'
import type { LedgerReader, PreviewSubject } from './preview-ports.ts'

export interface PreviewedEffect {
  /** As in the timeline of a run: "Employee in HiBob". */
  readonly title: string
  readonly state: 'is_there' | 'would_make'
}

interface Deps {
  readonly ledger: LedgerReader
  readonly clock: Clock
  readonly openHttp: OpenHttp
  readonly download: DownloadFile
  readonly cached: CachedRead
  readonly madeBefore: MadeBefore
}

type Settings = Record<string, unknown>

interface Given {
  readonly settings: Settings
  readonly secrets: Settings
  readonly data: HiredApplication
  /** Filled as the handler goes. */
  readonly effects: PreviewedEffect[]
  readonly warnings: Warning[]
}

export function createPreviewContext(
  deps: Deps,
  subject: PreviewSubject,
  { settings, secrets, data, effects, warnings }: Given,
): HandlerContext<Settings, Settings, HiredApplication> {
  const planned = (title: string) => {
    effects.push({ title, state: 'would_make' })
  }
  return {
    timeZone: subject.tenant.timeZone,
    settings,
    secrets,
    event: {
      id: subject.event.id,
      name: 'application_hired',
      tenant: subject.tenant.slug,
      triggeredAt: subject.event.triggeredAt,
      data,
    },
    // As a new run would have: no destination has ever been given this one.
    runId: newRunId(),
    now: () => deps.clock.now(),
    openHttp: deps.openHttp,
    download: deps.download,
    cached: deps.cached,
    // What it does beside reading is refused by the client.
    step: (_title, work) => work(),
    async ensure(effect) {
      const ensured = await lookFor(deps, subject, effect)
      if (ensured.how === 'planned') planned(effect.title)
      else effects.push({ title: effect.title, state: 'is_there' })
      return ensured
    },
    async optional(_title, work) {
      try {
        await work()
        return undefined
      } catch (error) {
        // As a run would end that has tried often enough.
        if (!mayBeLeft(error) || isTurn(error)) throw error
        return error
      }
    },
    // As the run would that a webhook begins.
    lookAgain: () => true,
    planned,
    warn: (code, message) => {
      warnings.push({ code, message })
    },
  }
}

/** As `ensureEffect` up to the moment before anything is made; `make` is not called. */
async function lookFor(
  { ledger, clock, madeBefore }: Deps,
  { connection, subject }: PreviewSubject,
  effect: Effect,
): Promise<Ensured> {
  const { title, kind, key, find, readLagSeconds } = effect
  const row = await ledger.look({ connection: connection.id, kind, key, title })
  if (row?.state === 'done') {
    const { id } = await knownRecord(row, effect, { application: subject, clock })
    return { id, how: 'found' }
  }
  const found = await find()
  if (found !== undefined) return { id: found.id, how: 'found' }
  if (row?.existsAgo === undefined) {
    const before = await madeBefore(effect)
    if (before !== undefined) return { id: before.id, how: 'found' }
    effect.mayMake?.()
    return { id: undefined, how: 'planned' }
  }
  const wait = readLagSeconds - row.existsAgo
  if (wait <= 0) throw existsUnseen(title)
  throw new RetryLater('runs.outcome_unclear', `${title}: it exists, but cannot be seen yet.`, {
    after: secondsAfter(clock.now(), wait),
    kind: 'unclear',
  })
}
