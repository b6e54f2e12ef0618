/** Pinpoint's API as far as a hire needs it: one function per question. Answers are read leniently, never guessed. */
import { NeedsPerson, RetryLater } from '../base/failure.ts'
import type { Http, OpenHttp } from '../base/http.ts'
import type { DeclaredLimits } from '../base/rate-limit.ts'
import { type Comment, listComments } from './comments.ts'
import { getJob, type NotShown } from './get-job.ts'
import type { HiredApplication, Job } from './hired-application.ts'
import { type CustomField, listCustomFields } from './list-custom-fields.ts'
import { type HiresCursor, type HiresPage, listHires } from './list-hires.ts'
import { type JobsPage, listOpenJobs } from './list-jobs.ts'
import { readReference, type Reference } from './read-application.ts'
import {
  type Extra,
  extras,
  type HireOptions,
  readAlone,
  type ReadHire,
  readHire,
  readReferenceAlone,
} from './read-hire.ts'
import { readPinpointRefusal } from './refusals.ts'
import { oneResource } from './wire.ts'

export interface Pinpoint {
  /** Undefined when Pinpoint does not know it. */
  application(id: string): Promise<HiredApplication | undefined>
  /** A page of the open jobs, confidential ones included; the pages start at 1. */
  openJobs(page: number): Promise<JobsPage | NotShown>
  job(id: string, options?: { readonly confidential: boolean }): Promise<Job | NotShown>
  /** The application with its job, location and department filled in, where this key may read jobs; and its comments. */
  hire(applicationId: string, options?: HireOptions): Promise<ReadHire>
  /** The fields that the customer has added; undefined where the key may not read them. */
  customFields(): Promise<readonly CustomField[] | undefined>
  /** The oldest first, page by page: nothing is kept of those that have been looked at. */
  comments(applicationId: string): AsyncIterable<Comment>
  comment(applicationId: string, text: string): Promise<{ readonly id: string }>
  /** What other systems call the application, read by itself. */
  reference(applicationId: string): Promise<Reference>
  /** Replaces whatever stands there. */
  refer(applicationId: string, reference: string): Promise<void>
  /** A page of those who are in a hired stage, confidential jobs included. */
  hires(cursor: HiresCursor, pageSize: number): Promise<HiresPage>
}

/** Pinpoint counts calls per IP address over all endpoints and tenants, so everything is one bucket. */
const bucket = 'api'
/** https://developers.pinpointhq.com/docs/rate-limits */
const limits: DeclaredLimits = {
  perAddressAt: 'pinpointhq.com',
  windows: [
    { calls: 120, seconds: 60 },
    { calls: 240, seconds: 480 },
  ],
}
/** What the calls of a hire to Pinpoint count against. */
export const pinpointNeeds = { destination: 'pinpoint', bucket, limits } as const

/** What an attempt asks of Pinpoint when all goes well: the application and the comment; a later one, the list of comments and the job as well. */
export function callsOfHire(
  readsAfresh: boolean,
  refusedExtras: readonly Extra[] = [],
  writesBack = false,
): number {
  return (
    2 +
    (writesBack ? 1 : 0) +
    (readsAfresh || refusedExtras.includes('comments') ? 1 : 0) +
    (readsAfresh && refusedExtras.includes('job') ? 1 : 0)
  )
}

const mediaType = 'application/vnd.api+json'

/** Whose Pinpoint. The key goes to this address and nowhere else. */
export interface PinpointAccess {
  readonly apiUrl: string
  readonly apiKey: string
  /** What it is known to refuse to send along with an application: it is not asked for. */
  readonly refusedExtras?: readonly Extra[]
}

export function openPinpoint(openHttp: OpenHttp, access: PinpointAccess): Pinpoint {
  return createPinpoint(openPinpointHttp(openHttp, access), access)
}

/** The same client without a question of its own, for whoever asks only whether it is answered. */
export function openPinpointHttp(
  openHttp: OpenHttp,
  { apiUrl, apiKey }: PinpointAccess,
  options: Pick<Parameters<OpenHttp>[0], 'timeoutSeconds'> = {},
): Http {
  return openHttp({
    baseUrl: apiUrl,
    headers: { 'X-API-KEY': apiKey, Accept: mediaType },
    destination: 'pinpoint',
    limits,
    refusals: readPinpointRefusal,
    namesVendor: true,
    ...options,
  })
}

export function createPinpoint(
  http: Http,
  { refusedExtras = [] }: Pick<PinpointAccess, 'refusedExtras'> = {},
): Pinpoint {
  const mayCome = (extra: Extra) => !refusedExtras.includes(extra)
  return {
    application: (id) => readAlone(http, id),
    job: (id, options = { confidential: false }) => getJob(http, id, options),
    hire: (applicationId, options = {}) =>
      readHire(http, applicationId, { ...options, extras: (options.extras ?? extras).filter(mayCome) }),
    openJobs: (page) => listOpenJobs(http, page),
    customFields: () => listCustomFields(http),
    comments: (applicationId) => listComments(http, applicationId),
    comment: (applicationId, text) => createComment(http, applicationId, text),
    reference: (applicationId) => readReferenceAlone(http, applicationId),
    refer: (applicationId, reference) => writeReference(http, applicationId, reference),
    hires: (cursor, pageSize) => listHires(http, cursor, pageSize),
  }
}

/** Every comment mails people, and none can be taken back. https://developers.pinpointhq.com/reference/post-comments */
async function createComment(
  http: Http,
  applicationId: string,
  text: string,
): Promise<{ readonly id: string }> {
  const answer = await http.send({
    method: 'POST',
    path: '/comments',
    headers: { 'Content-Type': mediaType },
    json: {
      data: {
        type: 'comments',
        attributes: { body_text: text },
        relationships: { commentable: { data: { type: 'applications', id: applicationId } } },
      },
    },
    bucket,
    operation: 'comments.create',
    right: 'Comment: Write',
    effect: true,
  })
  const created = oneResource.safeParse(answer.json)
  if (created.success) return { id: created.data.data.id }
  throw new RetryLater(
    'pinpoint.answer_unreadable',
    'Pinpoint accepted the comment, but its answer has no id.',
    {
      outcome: 'unclear',
    },
  )
}

/** https://developers.pinpointhq.com/reference/put-application: what is not named stays as it is. */
async function writeReference(http: Http, applicationId: string, reference: string): Promise<void> {
  const answer = await http.send({
    method: 'PUT',
    path: `/applications/${encodeURIComponent(applicationId)}`,
    headers: { 'Content-Type': mediaType },
    json: {
      data: {
        type: 'applications',
        id: applicationId,
        attributes: { external_system_reference: reference },
      },
    },
    bucket,
    operation: 'applications.update',
    right: 'Application: Write',
    optional: true,
    effect: true,
  })
  if (!oneResource.safeParse(answer.json).success) {
    throw new RetryLater(
      'pinpoint.answer_unreadable',
      'Pinpoint’s answer does not say what it has written.',
      {
        outcome: 'unclear',
      },
    )
  }
  if (readReference(answer.json) === reference) return
  throw new NeedsPerson(
    'pinpoint.reference_not_kept',
    `Pinpoint did not keep the external reference of application ${applicationId}.`,
    {
      fix: 'Ask Pinpoint whether external references are available to this company, or switch writeBack off.',
    },
  )
}
