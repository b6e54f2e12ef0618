/** What an integration is: one definition, from which the engine, the CLI, validation and docs are derived. */
import type { z } from 'zod'

import type { Failure } from '../base/failure.ts'
import type { DownloadFile, OpenHttp } from '../base/http.ts'
import type { Json } from '../base/json.ts'
import type { EventName } from '../pinpoint/events.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { CheckReport } from './check.ts'
import type { Effect, Ensured } from './ensure.ts'
import type { Preflight } from './preflight.ts'

/** What the handler of each event is given as `event.data`, fetched afresh from Pinpoint at every try. */
export interface EventData {
  readonly application_hired: HiredApplication
}

export interface CheckContext<Settings, Secrets> {
  /** Where the tenant's days begin: `Europe/Berlin`. Undefined: days are those that Pinpoint writes. */
  readonly timeZone?: string | undefined
  readonly settings: Settings
  readonly secrets: Secrets
  /** Opens a client to the destination; opened for a check it refuses every call that is not a read. */
  readonly openHttp: OpenHttp
}

export interface PreflightContext<Settings, Secrets> extends CheckContext<Settings, Secrets> {
  /** A record that this connection has made, if any: reading it shows what the credentials do not see. */
  readonly madeRecord: string | undefined
}

export interface HandlerContext<Settings, Secrets, Data> extends CheckContext<Settings, Secrets> {
  readonly event: {
    readonly id: string
    readonly name: EventName
    readonly tenant: string
    /** When it happened, according to Pinpoint. */
    readonly triggeredAt: Date
    readonly data: Data
  }
  /** Unique to this run and the same at every try: an idempotency key for destinations that take one. */
  readonly runId: string
  /** The time, for what must carry it: the service has one clock, and tests drive it. */
  readonly now: () => Date
  /**
   * Does `work` once and journals its result: a later try of this run gets the result instead of doing it again.
   * For reads and calls that may be repeated. What must not happen twice goes through `ensure`.
   */
  readonly step: <T extends Json>(title: string, work: () => Promise<T>) => Promise<T>
  /**
   * Finds or makes one thing in the outside world, at most once over all runs, retries, replays and crashes. In a preview
   * it only finds, and answers `planned` for what is not there.
   */
  readonly ensure: (effect: Effect) => Promise<Ensured>
  /**
   * Does what is welcome but must not stop the rest, such as a CV. What fails is tried again by later attempts of the run, a few
   * times over some minutes; then, and at once where a repetition would change nothing, the failure is answered: `warn` of it.
   * Credentials that are refused stop the run as ever.
   */
  readonly optional: (title: string, work: () => Promise<void>) => Promise<Failure | undefined>
  /**
   * Something that was announced is not there yet, and nothing else is left to do: once this run is done, one follow-up run looks
   * for it after 10 minutes, 2 and 24 hours. `what` completes "Looks again for …". False when no further follow-up comes.
   */
  readonly followUpOn: (what: string) => boolean
  /** In a preview only: a real run would also make this, which belongs to something that is not there yet. */
  readonly planned: (title: string) => void
  /** A shortcoming a person should know of on a run that is nevertheless done. Codes as in `Failure`. */
  readonly warn: (code: string, message: string) => void
  /** Downloads a file (a CV) without credentials, following redirects. */
  readonly download: DownloadFile
  /** Keeps the answer of `read` in this process for so many seconds, per connection: for lists that rarely change. */
  readonly cached: <T>(key: string, seconds: number, read: () => Promise<T>) => Promise<T>
}

/** What the handler did. A `record` leads to one comment on the application in Pinpoint. */
export interface HandlerResult {
  readonly did: 'created' | 'found' | 'sent' | 'nothing'
  /** Its id is quoted in the comment: "Record created with ID: …" for one that is ours, else "Record found with ID: …". */
  readonly record?: Ensured
}

export interface IntegrationDefinition<Settings extends z.ZodObject, Secrets extends z.ZodObject> {
  /** Lower-case, in URLs, tables and files: `hibob`. */
  readonly name: string
  readonly title: string
  /** Validator, form, docs and defaults in one. Use `z.strictObject` and describe every field. */
  readonly settings: Settings
  /** Sealed at rest, never printed. Every field is made with `secret()`. */
  readonly secrets: Secrets
  /** What is wrong with the two together, as in "needs an address": told when the file is applied. Default: nothing. */
  wrong?(given: {
    readonly settings: z.output<Settings>
    readonly secrets: z.output<Secrets>
  }): string | undefined
  /** Only reads: answers "would this work?" for the CLI. */
  check(context: CheckContext<z.output<Settings>, z.output<Secrets>>): Promise<CheckReport>
  /** Only reads: answers "would a hire on this job go through?" before there is one. Without it there is nothing to say. */
  preflight?(context: PreflightContext<z.output<Settings>, z.output<Secrets>>): Promise<Preflight>
  /**
   * What can be read again in the destination while a run is parked, by name: it reads, and answers what
   * `NeedsPerson({ watches: [{ recheck, seen }] })` gave as `seen`. When that has changed, the run resumes by itself.
   */
  readonly rechecks?: Readonly<
    Record<string, (context: CheckContext<z.output<Settings>, z.output<Secrets>>) => Promise<Json>>
  >
  /** Its record's effect has `findById`: a person can say of a parked run which record is the hire's, or that a new one is made. */
  readonly recordsById?: true
  /** Where people see a record of this id; undefined where that is not known. */
  recordUrl?(id: string, settings: z.output<Settings>): string | undefined
  /** What it does on each event, by Pinpoint's name of the event. */
  readonly on: {
    readonly [Name in EventName]?: (
      context: HandlerContext<z.output<Settings>, z.output<Secrets>, EventData[Name]>,
    ) => Promise<HandlerResult>
  }
}

/** An integration as the engine holds it: settings and secrets are checked against its own schemas before use. */
export type Integration = IntegrationDefinition<z.ZodObject, z.ZodObject>

/** The types inside are inferred: a wrong event name, an unknown setting or a forgotten gap does not compile. */
export function defineIntegration<Settings extends z.ZodObject, Secrets extends z.ZodObject>(
  definition: IntegrationDefinition<Settings, Secrets>,
): Integration {
  // Sound because the engine parses settings and secrets with these very schemas before it calls a handler.
  return definition
}
