/** Everything that an integration may import. Guide: docs/guides/add-an-integration.md */
export { secondsAfter } from '../base/clock.ts'
export { AnswerTooLarge, PermissionMissing, UnrecognisedAnswer } from '../base/failure.ts'
export { type Failure, NeedsPerson, Refused, RetryLater, type Watch } from '../base/failure.ts'
export type { Download, DownloadFile, Http, HttpAnswer, HttpRequest, OpenHttp } from '../base/http.ts'
export type { Json, JsonObject } from '../base/json.ts'
export { foldedWords, quoted, shortened } from '../base/plain-text.ts'
export type { DeclaredLimits } from '../base/rate-limit.ts'
export {
  isRecord,
  type Objection,
  objection,
  type ReadRefusal,
  type Refusal,
  refusal,
  speaksOfRights,
} from '../base/refusal.ts'
export { acceptedOffer } from '../mapping/accepted-offer.ts'
export { isEmail, type ReadyValue } from '../mapping/check.ts'
export { calendarDay, dayOf, daysAfter } from '../mapping/dates.ts'
export type { Gap, MappedValue } from '../mapping/evaluate.ts'
export { likelyMeant } from '../mapping/near/fields-meant.ts'
export type { OfJob } from '../mapping/of-job.ts'
export { entryOf, nearest, sameText, tidy } from '../mapping/same-text.ts'
export type { Choice, Target } from '../mapping/target.ts'
export type { Attachment, HiredApplication, Job, Offer } from '../pinpoint/hired-application.ts'
export { httpAddress } from './address.ts'
export type { CheckItem, CheckReport } from './check.ts'
export { type Complete, complete } from './complete.ts'
export {
  alreadyExists,
  type Effect,
  type Ensured,
  type Existing,
  type Made,
  type Occupied,
  type Planned,
  type RefusedThisWay,
} from './ensure.ts'
export {
  type CheckContext,
  defineIntegration,
  type HandlerContext,
  type HandlerResult,
  type Integration,
  type IntegrationDefinition,
  type OutcomeContext,
  type PreflightContext,
  type ReportContext,
} from './integration.ts'
export type { FieldOutcome, Mapped, MappedHire, PersonSearch } from './mapped.ts'
export type { Preflight, PreflightFinding } from './preflight.ts'
export { secret } from './secret.ts'
