/** Client for the parts of Pinpoint's API that a hire needs, one method per endpoint. Answers are parsed leniently, but nothing is guessed. */
import { NeedsPerson, RetryLater } from '../base/failure.ts'
import type { Http, OpenHttp } from '../base/http.ts'
import type { DeclaredLimits } from '../base/rate-limit.ts'
import { type Comment, listComments } from './comments.ts'
import { createCustomAttribute, type CustomField, listCustomFields } from './custom-fields.ts'
import { getJob, type NotShown } from './get-job.ts'
import type { HiredApplication, Job, Offer } from './hired-application.ts'
import { type HiresCursor, type HiresPage, listHires, listRecentOffers } from './list-hires.ts'
import { type JobsPage, listOpenJobs } from './list-jobs.ts'
import { readReference, type Reference } from './read-application.ts'
import {
  type Detail,
  type Extra,
  extras,
  type HireOptions,
  readAlone,
  readAttributeAlone,
  type ReadHire,
  readHire,
  readReferenceAlone,
} from './read-hire.ts'
import { readPinpointRefusal } from './refusals.ts'
import { oneResource } from './wire.ts'

export interface Pinpoint {
  /** Undefined if Pinpoint does not know the application. */
  application(id: string): Promise<HiredApplication | undefined>
  /** One page of the open jobs, including confidential ones. Pages start at 1. */
  openJobs(page: number, more?: readonly Detail[]): Promise<JobsPage | NotShown>
  /** The offers of the hires that changed last, grouped by hire: one page. */
  recentOffers(): Promise<readonly (readonly Offer[])[] | NotShown>
  job(id: string, options?: { readonly confidential: boolean }): Promise<Job | NotShown>
  /** The application with its comments, and with its job, location and department if this key may read jobs. */
  hire(applicationId: string, options?: HireOptions): Promise<ReadHire>
  /** The customer's custom fields; undefined if this key may not read them. */
  customFields(): Promise<readonly CustomField[] | undefined>
  /** Oldest first, page by page, so that thousands of comments are never in memory at once. */
  comments(applicationId: string): AsyncIterable<Comment>
  comment(applicationId: string, text: string): Promise<{ readonly id: string }>
  /** Reads `external_system_reference` of the application. */
  reference(applicationId: string): Promise<Reference>
  /** Writes `external_system_reference`, replacing its value. */
  refer(applicationId: string, reference: string): Promise<void>
  /** Reads the value of one custom field of the application. */
  attribute(applicationId: string, name: string): Promise<Reference>
  /** Gives a custom field of the application its first value. */
  giveAttribute(applicationId: string, field: CustomField, value: string): Promise<void>
  /** One page of the applications in a hired stage, including those for confidential jobs. */
  hires(cursor: HiresCursor, pageSize: number): Promise<HiresPage>
}

/** Pinpoint counts calls per IP address, across all endpoints and tenants, so there is only one bucket. */
const bucket = 'api'
/** https://developers.pinpointhq.com/docs/rate-limits */
const limits: DeclaredLimits = {
  perAddressAt: 'pinpointhq.com',
  windows: [
    { calls: 120, seconds: 60 },
    { calls: 240, seconds: 480 },
  ],
}
/** The rate limits that a hire's calls to Pinpoint count against. */
export const pinpointNeeds = { destination: 'pinpoint', bucket, limits } as const

/**
 * Number of Pinpoint calls in an attempt without failures: the application and the comment. Later attempts also list the comments
 * and read the job.
 */
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

/** A tenant's Pinpoint. The API key is sent to this address only. */
export interface PinpointAccess {
  readonly apiUrl: string
  readonly apiKey: string
  /** Includes that Pinpoint is known to refuse; they are not requested. */
  readonly refusedExtras?: readonly Extra[]
}

export function openPinpoint(openHttp: OpenHttp, access: PinpointAccess): Pinpoint {
  return createPinpoint(openPinpointHttp(openHttp, access), access)
}

/** The HTTP client alone, for callers that only check whether a call is answered. */
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
    openJobs: (page, more) => listOpenJobs(http, page, more),
    recentOffers: () => listRecentOffers(http),
    customFields: () => listCustomFields(http),
    comments: (applicationId) => listComments(http, applicationId),
    comment: (applicationId, text) => createComment(http, applicationId, text),
    reference: (applicationId) => readReferenceAlone(http, applicationId),
    refer: (applicationId, reference) => writeReference(http, applicationId, reference),
    attribute: (applicationId, name) => readAttributeAlone(http, applicationId, name),
    giveAttribute: (applicationId, field, value) =>
      createCustomAttribute(http, { applicationId, field }, value),
    hires: (cursor, pageSize) => listHires(http, cursor, pageSize),
  }
}

/** Each comment sends e-mails and cannot be deleted. https://developers.pinpointhq.com/reference/post-comments */
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

/** Attributes that are left out keep their value. https://developers.pinpointhq.com/reference/put-application */
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
