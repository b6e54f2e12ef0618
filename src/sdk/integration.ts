/** What an integration is: one definition, from which the engine, the CLI, validation and docs are derived. */
import type { z } from 'zod'

import type { Failure } from '../base/failure.ts'
import type { DownloadFile, OpenHttp } from '../base/http.ts'
import type { Json } from '../base/json.ts'
import type { OfJob } from '../mapping/of-job.ts'
import type { Target } from '../mapping/target.ts'
import type { EventName } from '../pinpoint/events.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { CheckReport } from './check.ts'
import type { Effect, Ensured } from './ensure.ts'
import type { FieldOutcome, Mapped, MappedFields, MappedHire } from './mapped.ts'
import type { Preflight } from './preflight.ts'

/** The type of `event.data` for each event, fetched again from Pinpoint at every attempt. */
export interface EventData {
  readonly application_hired: HiredApplication
}

export interface CheckContext<Settings, Secrets> {
  /** The tenant's time zone, such as `Europe/Berlin`. Undefined: days are those that Pinpoint writes. */
  readonly timeZone?: string | undefined
  readonly settings: Settings
  readonly secrets: Secrets
  /** Opens a client to the destination. In a check, it refuses every call that is not a read. */
  readonly openHttp: OpenHttp
}

export interface ReportContext<Settings, Secrets> extends CheckContext<Settings, Secrets> {
  /** Ids of the fields that the connection's mapping fills. Without a mapping there are none. */
  readonly mappedFields?: readonly string[]
}

export interface PreflightContext<Settings, Secrets> extends CheckContext<Settings, Secrets> {
  /** The id of a record that this connection made, if any: reading it shows which fields the credentials cannot read. */
  readonly madeRecord: string | undefined
  /** What the connection's mapping makes of an open job. Undefined: it has none. */
  readonly mapped?: OfJob | undefined
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
  /** Unique to this run and the same at every attempt: an idempotency key for destinations that accept one. */
  readonly runId: string
  /** What the connection's mapping makes of the hire. Undefined: it has none, and the integration does what it does by itself. */
  readonly mapped?: Mapped | undefined
  /** The current time. Use it instead of `new Date()`: tests drive the clock. */
  readonly now: () => Date
  /**
   * Runs `work` once and journals its result: a later attempt of this run gets the result instead of running it again.
   * For reads and calls that may be repeated. Use `ensure` for what must not happen twice.
   */
  readonly step: <T extends Json>(title: string, work: () => Promise<T>) => Promise<T>
  /**
   * Finds or makes one thing in the destination, at most once over all runs, attempts, replays and crashes. In a preview
   * it only finds, and returns `planned` for what does not exist.
   */
  readonly ensure: (effect: Effect) => Promise<Ensured>
  /**
   * Does work that is welcome but must not stop the rest, such as a CV. Later attempts of the run repeat what fails, a few
   * times over some minutes; then, or at once if a repetition would change nothing, it resolves to the failure: `warn` about it.
   * Refused credentials stop the run as always.
   */
  readonly optional: (title: string, work: () => Promise<void>) => Promise<Failure | undefined>
  /**
   * Call it when something that was announced is missing and nothing else is left to do: after this run, one follow-up run searches
   * for it after 10 minutes, 2 and 24 hours. `what` completes "Looks again for …". False when no further follow-up comes.
   */
  readonly followUpOn: (what: string) => boolean
  /** In a preview only: a real run would also make this, which belongs to something that does not exist yet. */
  readonly planned: (title: string) => void
  /** Adds a warning to a run that is nevertheless done. `code` as in `Failure`; `message` is one sentence without personal data. */
  readonly warn: (code: string, message: string) => void
  /** Downloads a file (a CV) without credentials, following redirects. `too_large` when it exceeds `maxBytes`. */
  readonly download: DownloadFile
  /**
   * The result of `read`, or one that this process has read for the connection within the last `seconds`: for lists that rarely change. Who misses
   * something in a kept one asks again with fewer seconds, and all get the new one.
   */
  readonly cached: <T>(key: string, seconds: number, read: () => Promise<T>) => Promise<T>
}

/** Hires that are tried one after the other share what is `cached`. */
export type OutcomeContext<Settings, Secrets> = CheckContext<Settings, Secrets> &
  Pick<HandlerContext<Settings, Secrets, unknown>, 'cached'>

/** The outcome of a handler. A `record` leads to one comment on the application in Pinpoint. */
export interface HandlerResult {
  readonly did: 'created' | 'found' | 'sent' | 'nothing'
  /** The comment quotes its id: "Record created with ID: …" if we made it, else "Record found with ID: …". */
  readonly record?: Ensured
}

export interface IntegrationDefinition<Settings extends z.ZodObject, Secrets extends z.ZodObject> {
  /** Lower case, as used in URLs, tables and files: `hibob`. */
  readonly name: string
  readonly title: string
  /** Source of validation, form, docs and defaults. Use `z.strictObject` and describe every field. */
  readonly settings: Settings
  /**
   * Settings whose default has changed, with the former one: a connection that has that value keeps it for as long as its file does not
   * name the setting. Make such a setting `optional()`; a migration writes the former default into the connections that exist.
   */
  readonly formerDefaults?: Readonly<Record<string, string>>
  /** Sealed at rest, never printed. Make every field with `secret()`. */
  readonly secrets: Secrets
  /** A fault in the combination of both, such as "needs an address", reported by `apply`. Default: none. */
  wrong?(given: {
    readonly settings: z.output<Settings>
    readonly secrets: z.output<Secrets>
  }): string | undefined
  /** Reads only: whether the connection would work, for the CLI. */
  check(context: ReportContext<z.output<Settings>, z.output<Secrets>>): Promise<CheckReport>
  /** Reads only: whether hires on a job would go through, before there is one. Optional. */
  preflight?(context: PreflightContext<z.output<Settings>, z.output<Secrets>>): Promise<Preflight>
  /**
   * Reads only: the fields of the destination that a mapping can fill, asked of the destination now. Optional: without it connections
   * have no mapping. List also those that cannot be written (`writable: false`), so that naming one is told apart from a typo; give a
   * list's `choices` as a tree where it is one, archived items too, and leave `choices` out where the destination does not show them.
   * `title` and `group` are the destination's own words, `required` what it refuses a new record without.
   */
  fields?(context: CheckContext<z.output<Settings>, z.output<Secrets>>): Promise<readonly Target[]>
  /**
   * Reads only: what a run would do with the mapped fields of a hire that the fields alone do not say, for `mapping test` and previews. Optional.
   * `fields` are those that the destination has now, or else those that are declared.
   */
  outcomes?(
    context: OutcomeContext<z.output<Settings>, z.output<Secrets>>,
    mapped: MappedHire,
    fields: readonly Target[],
  ): Promise<readonly FieldOutcome[]>
  /**
   * Named reads of the destination, repeated while a run is parked. Each returns the kind of value that
   * `NeedsPerson({ watches: [{ recheck, seen }] })` has as `seen`. When the value has changed, the run resumes by itself.
   */
  readonly rechecks?: Readonly<
    Record<string, (context: CheckContext<z.output<Settings>, z.output<Secrets>>) => Promise<Json>>
  >
  /** The fields that a connection's mapping can fill. Without it, a mapping is a fault. */
  readonly mapping?: MappedFields<z.output<Settings>>
  /** The bucket of the call that a hire makes first. Set it where that has a limit: an attempt reads nothing that it could not go on with. */
  readonly firstBucket?: string
  /** True if the effect of its record has `findById`: a person can choose the record of a parked run, or have a new one made. */
  readonly recordsById?: true
  /** The URL at which people see the record with this id; undefined if it is not known. */
  recordUrl?(id: string, settings: z.output<Settings>): string | undefined
  /** The handler of each event, by Pinpoint's name of the event. */
  readonly on: {
    readonly [Name in EventName]?: (
      context: HandlerContext<z.output<Settings>, z.output<Secrets>, EventData[Name]>,
    ) => Promise<HandlerResult>
  }
}

/** An integration as the engine sees it: settings and secrets are checked against its own schemas before use. */
export type Integration = IntegrationDefinition<z.ZodObject, z.ZodObject>

/** Infers the types: a wrong event name, an unknown setting or a forgotten gap does not compile. */
export function defineIntegration<Settings extends z.ZodObject, Secrets extends z.ZodObject>(
  definition: IntegrationDefinition<Settings, Secrets>,
): Integration {
  // Sound because the engine parses settings and secrets with these very schemas before it calls a handler.
  return definition
}
