/** Pinpoint's API as far as a hire needs it: one function per question. Answers are read leniently, never guessed. */
import { RetryLater } from '../base/failure.ts'
import type { Http, OpenHttp } from '../base/http.ts'
import type { DeclaredLimits } from '../base/rate-limit.ts'
import { askForLess } from './ask-for-less.ts'
import { type Comment, listComments } from './comments.ts'
import type { HiredApplication, Job } from './hired-application.ts'
import { type HiresCursor, type HiresPage, listHires } from './list-hires.ts'
import { type JobsPage, listOpenJobs } from './list-jobs.ts'
import { readAnswer } from './read-answer.ts'
import { readApplication, readJob } from './read-application.ts'
import { readPinpointRefusal } from './refusals.ts'
import { oneResource } from './wire.ts'

/** Pinpoint did not show it, with this status: unknown to it, or not for this key. */
export interface NotShown {
  readonly refused: number
}

export interface Pinpoint {
  /** Undefined when Pinpoint does not know it. */
  application(id: string): Promise<HiredApplication | undefined>
  /** A page of the open jobs, confidential ones included; the pages start at 1. */
  openJobs(page: number): Promise<JobsPage | NotShown>
  job(id: string, options?: { readonly confidential: boolean }): Promise<Job | NotShown>
  /** The application with its job, location and department filled in, where this key may read jobs. */
  hire(applicationId: string): Promise<HiredApplication | undefined>
  /** The oldest first, page by page: nothing is kept of those that have been looked at. */
  comments(applicationId: string): AsyncIterable<Comment>
  comment(applicationId: string, text: string): Promise<{ readonly id: string }>
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
/** What one hire asks of Pinpoint when all goes well: application, job, comments, comment. */
export const pinpointNeeds = { destination: 'pinpoint', bucket, limits, calls: 4 } as const
const mediaType = 'application/vnd.api+json'

/** Whose Pinpoint. The key goes to this address and nowhere else. */
export interface PinpointAccess {
  readonly apiUrl: string
  readonly apiKey: string
}

export function openPinpoint(openHttp: OpenHttp, access: PinpointAccess): Pinpoint {
  return createPinpoint(openPinpointHttp(openHttp, access))
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

export function createPinpoint(http: Http): Pinpoint {
  const application = (id: string) => getApplication(http, id)
  const job: Pinpoint['job'] = (id, { confidential } = { confidential: false }) =>
    getJob(http, id, confidential)
  return {
    application,
    job,
    async hire(applicationId) {
      const found = await application(applicationId)
      if (found?.jobId === undefined) return found
      const shown = await job(found.jobId, { confidential: found.job?.visibility === 'confidential' })
      if ('refused' in shown) return { ...found, jobRefused: shown.refused }
      const cut = [...(found.cut ?? []), ...(shown.cut ?? [])]
      return { ...found, job: shown, ...(cut.length > 0 && { cut }) }
    },
    openJobs: (page) => listOpenJobs(http, page),
    comments: (applicationId) => listComments(http, applicationId),
    comment: (applicationId, text) => createComment(http, applicationId, text),
    hires: (cursor, pageSize) => listHires(http, cursor, pageSize),
  }
}

/**
 * Applications of confidential jobs are hidden unless asked for by name, and attachments and relations are left out
 * unless asked for. https://developers.pinpointhq.com/reference/get-application
 */
async function getApplication(http: Http, id: string): Promise<HiredApplication | undefined> {
  const get = (include: string) =>
    http.send({
      method: 'GET',
      path: `/applications/${encodeURIComponent(id)}`,
      query: {
        'filter[job_visibility]': 'confidential,external,internal',
        'extra_fields[applications]': 'attachments',
        include,
      },
      bucket,
      right: 'Application: Read (or the API is switched off)',
      list: true,
      answers: [404],
    })
  const { answer, less } = await askForLess(
    () => get('job,stage,offers,custom_attributes'),
    () => get('job,stage'),
  )
  if (answer.status === 404) return undefined
  return { ...readAnswer(answer, readApplication), ...(less && { cut: ['offers', 'custom attributes'] }) }
}

/** A key without the right to read jobs is still good for all else, so its refusal is an answer and pauses nothing. */
const jobRefusals = [400, 403, 404]

/**
 * Its description takes no filter, but the list of jobs hides confidential ones unless asked for by name. So a
 * confidential job that seems not to exist is asked for once more, by name.
 * https://developers.pinpointhq.com/reference/get-job
 */
async function getJob(http: Http, id: string, confidential: boolean): Promise<Job | NotShown> {
  const get = (query: Readonly<Record<string, string>>) =>
    http.send({
      method: 'GET',
      path: `/jobs/${encodeURIComponent(id)}`,
      query,
      bucket,
      list: true,
      answers: jobRefusals,
    })
  const ask = async (include: string) => {
    const plain = await get({ include })
    const again = confidential && plain.status === 404
    return again ? get({ 'filter[visibility]': 'confidential,external,internal', include }) : plain
  }
  const { answer, less } = await askForLess(
    () => ask('location,department'),
    () => ask('location'),
  )
  if (jobRefusals.includes(answer.status)) return { refused: answer.status }
  return { ...readAnswer(answer, readJob), ...(less && { cut: ['department'] }) }
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
