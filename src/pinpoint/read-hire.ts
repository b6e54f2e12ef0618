/** Reads a hire in as few calls as Pinpoint allows: the application, with its job and comments included where this key may read them. */
import { AnswerTooLarge } from '../base/failure.ts'
import type { Http, HttpAnswer } from '../base/http.ts'
import type { Comment } from './comments.ts'
import { getJob, type NotShown } from './get-job.ts'
import type { CustomAttributes, HiredApplication, Job } from './hired-application.ts'
import { includedComments } from './included-comments.ts'
import { askForLess } from './pages.ts'
import { readAnswer } from './read-answer.ts'
import { attributeIn, readReference, readWithJob, type Reference } from './read-application.ts'
import { hasTooMany } from './wire.ts'

/** Includes that are always requested, although Pinpoint may refuse them for this key. */
export const extras = ['job', 'comments'] as const
/** Includes that are requested only if a mapping needs them. */
export const details = [
  'division',
  'hiring_manager',
  'job_attributes',
  'offer_manager',
  'offer_attributes',
  'onboarding',
  'onboarding_answers',
  'candidate_attributes',
] as const
export type Detail = (typeof details)[number]
export type Extra = (typeof extras)[number] | Detail

const includes: Readonly<Record<Extra, string>> = {
  job: 'job.location,job.department',
  comments: 'comments',
  division: 'job.division',
  hiring_manager: 'job.hiring_manager_user',
  job_attributes: 'job.custom_attributes',
  offer_manager: 'offers.manager',
  offer_attributes: 'offers.custom_attributes',
  onboarding: 'onboarding_application',
  onboarding_answers: 'onboarding_application.onboarding_answers',
  candidate_attributes: 'candidate.custom_attributes',
}

export interface HireOptions {
  /** Includes to request. Default: `extras`. */
  readonly extras?: readonly Extra[] | undefined
  /** Called with the refused includes once the application was read without them. */
  readonly onRefused?: ((refused: readonly Extra[]) => Promise<void>) | undefined
  /** Supplies the job when it is not included: from a cache, or by calling `read`. Default: always calls `read`. */
  readonly job?: (id: string, read: () => Promise<Job | NotShown>) => Promise<Job | NotShown>
}

export interface ReadHire {
  /** Undefined if Pinpoint does not know the application. */
  readonly application: HiredApplication | undefined
  /** All comments on the application. Undefined if they were not included, or possibly not all of them. */
  readonly comments: readonly Comment[] | undefined
  /** Undefined if it was not shown or not read. */
  readonly reference?: Reference
  /** Custom attributes of the application. Undefined if they were not shown or not read. */
  readonly attributes?: CustomAttributes | undefined
}

export async function readHire(http: Http, id: string, options: HireOptions = {}): Promise<ReadHire> {
  const { extras: wanted = extras, onRefused, job: jobOf = readEachTime } = options
  const along = wanted.includes('job') ? wanted : wanted.filter((one) => !isOfJob(one))
  const { refused, ...answered } = await ask(http, id, along)
  if (refused.length > 0) await onRefused?.(refused)
  const { application: found, hasWholeJob, attributes } = read(answered)
  const comments = includedComments(answered.answer.json)
  const reference = found && readReference(answered.answer.json)
  const came = { comments, reference, attributes }
  if (found?.jobId === undefined || hasWholeJob) return { application: found, ...came }
  const { jobId } = found
  const confidential = found.job?.visibility === 'confidential'
  const include = includesOfJob(wanted)
  const shown = await jobOf(jobId, () => getJob(http, jobId, { confidential, include }))
  return { application: withJob(found, shown), ...came }
}

/** The same extras as `include` paths of a job that is read by itself. */
export function includesOfJob(wanted: readonly Extra[]): readonly string[] {
  return wanted.filter(isOfJob).map((one) => includes[one].slice('job.'.length))
}

/** Part of the job, so it can be included with an application only together with the job. */
function isOfJob(extra: Extra): boolean {
  return extra !== 'job' && includes[extra].startsWith('job.')
}

const readEachTime: HireOptions['job'] & {} = (_id, readJob) => readJob()

/** The application without optional includes: of its job, only title and visibility. */
export async function readAlone(http: Http, id: string): Promise<HiredApplication | undefined> {
  return read(await askFor(http, id, [])).application
}

export async function readReferenceAlone(http: Http, id: string): Promise<Reference> {
  const { answer } = await askFor(http, id, [])
  return answer.status === 404 ? undefined : readAnswer(answer, readReference)
}

export async function readAttributeAlone(http: Http, id: string, name: string): Promise<Reference> {
  const { answer } = await askFor(http, id, [])
  if (answer.status === 404) return undefined
  return attributeIn(readAnswer(answer, readWithJob).attributes, name)
}

function read({ answer, cut }: Answered) {
  if (answer.status === 404) return { application: undefined, hasWholeJob: false, attributes: undefined }
  const { application, hasWholeJob, attributes } = readAnswer(answer, readWithJob)
  return {
    application: { ...application, ...(cut && { cut: ['offers', 'custom attributes'] }) },
    hasWholeJob,
    attributes,
  }
}

function withJob(found: HiredApplication, shown: Job | NotShown): HiredApplication {
  if ('refused' in shown) return { ...found, jobRefused: shown.refused }
  const cut = [...(found.cut ?? []), ...(shown.cut ?? [])]
  return { ...found, job: shown, ...(cut.length > 0 && { cut }) }
}

interface Answered {
  readonly answer: HttpAnswer
  /** True if offers and custom attributes were left out. */
  readonly cut: boolean
}

/**
 * A refusal does not name the include that it is about. So the onboarding is left out first, which is a product of its own, then all
 * details, each of the extras in turn, and all of them; afterwards the details are added one by one.
 */
async function ask(
  http: Http,
  id: string,
  wanted: readonly Extra[],
): Promise<Answered & { readonly refused: readonly Extra[] }> {
  const usual = wanted.filter(isUsual)
  const fewer = usual.length > 1 ? usual.map((left) => usual.filter((one) => one !== left)) : []
  const most = wanted.filter((one) => !includes[one].startsWith(includes.onboarding))
  const shorter = [most, usual].filter((one, at, all) => one.length < (all[at - 1] ?? wanted).length)
  const choices = [wanted, ...shorter, ...fewer, []]
  for (const asked of choices) {
    const answered = await askFor(http, id, asked)
    if (asked.length > 0 && isRefused(answered)) continue
    const leftOut = wanted.filter((one) => !asked.includes(one))
    // The only one that is left out is the one that was refused.
    const more = leftOut.length === 1 ? [] : leftOut.filter((one) => !isUsual(one))
    return addDetails({ ...answered, asked }, { http, id, wanted, more })
  }
  throw new Error('Nothing was asked for.')
}

/** Adds the details one at a time and keeps those that Pinpoint accepts. */
async function addDetails(
  { asked, ...answered }: Answered & { readonly asked: readonly Extra[] },
  {
    http,
    id,
    wanted,
    more,
  }: {
    readonly http: Http
    readonly id: string
    readonly wanted: readonly Extra[]
    readonly more: readonly Extra[]
  },
): Promise<Answered & { readonly refused: readonly Extra[] }> {
  let sent = { ...answered, asked }
  for (const detail of more) {
    if (isOfJob(detail) && !asked.includes('job')) continue
    const next = [...sent.asked, detail]
    const again = await askFor(http, id, next)
    if (!isRefused(again)) sent = { ...again, asked: next }
  }
  const { answer, cut } = sent
  const isOut = (one: Extra) => !sent.asked.includes(one) && !(isOfJob(one) && !asked.includes('job'))
  return { answer, cut, refused: wanted.filter(isOut) }
}

function isUsual(extra: Extra): boolean {
  return extras.some((one) => one === extra)
}

function isRefused({ answer }: Answered): boolean {
  return refusals.includes(answer.status)
}

/** If the answer is too large with comments, it is requested without them; they are then read page by page. */
async function askFor(http: Http, id: string, asked: readonly Extra[]): Promise<Answered> {
  const all = ['job', 'stage', 'offers', 'custom_attributes', ...asked.map((one) => includes[one])]
  const answers = asked.length === 0 ? [404] : [404, ...refusals]
  if (asked.includes('comments')) {
    const answer = await getApplication(http, id, { include: all.join(), answers }).catch(unlessTooLarge)
    if (answer !== undefined && !hasTooMany(answer.json)) return { answer, cut: false }
    return askFor(
      http,
      id,
      asked.filter((one) => one !== 'comments'),
    )
  }
  const { answer, less } = await askForLess(
    () => getApplication(http, id, { include: all.join(), answers }),
    () => getApplication(http, id, { include: 'job,stage', answers: [404] }),
  )
  return { answer, cut: less }
}

function unlessTooLarge(error: unknown): undefined {
  if (!(error instanceof AnswerTooLarge)) throw error
}

/** Statuses with which Pinpoint refuses an include. Without includes they are ordinary failures. */
const refusals = [400, 403, 422]

/**
 * Applications for confidential jobs are hidden unless the filter names that visibility, and attachments and relationships are
 * left out unless requested. https://developers.pinpointhq.com/reference/get-application
 */
function getApplication(
  http: Http,
  id: string,
  { include, answers }: { readonly include: string; readonly answers: readonly number[] },
): Promise<HttpAnswer> {
  return http.send({
    method: 'GET',
    path: `/applications/${encodeURIComponent(id)}`,
    query: {
      'filter[job_visibility]': 'confidential,external,internal',
      'extra_fields[applications]': 'attachments',
      include,
    },
    bucket: 'api',
    operation: 'applications.get',
    right: 'Application: Read (or the API is switched off)',
    list: true,
    answers,
  })
}
