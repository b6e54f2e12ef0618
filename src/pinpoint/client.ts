/** Pinpoint's API as far as a hire needs it: one function per question. Answers are read leniently, never guessed. */
import { NeedsPerson, RetryLater } from '../base/failure.ts'
import type { Http, OpenHttp } from '../base/http.ts'
import type { DeclaredLimits } from '../base/rate-limit.ts'
import type { HiredApplication, Job } from './hired-application.ts'
import { type HiresCursor, type HiresPage, listHires } from './list-hires.ts'
import { type JobsPage, listOpenJobs } from './list-jobs.ts'
import { isLast, pageQuery } from './pages.ts'
import { readAnswer } from './read-answer.ts'
import { readApplication, readJob } from './read-application.ts'
import { readPinpointRefusal } from './refusals.ts'
import { commentAttributes, manyResources, oneResource, type Resource } from './wire.ts'

export interface Comment {
  readonly id: string
  readonly text: string
}

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
  comments(applicationId: string): Promise<readonly Comment[]>
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

/** How a client to a tenant's Pinpoint is opened. */
export function pinpointHttpOptions(apiUrl: string, apiKey: string): Parameters<OpenHttp>[0] {
  return {
    baseUrl: apiUrl,
    headers: { 'X-API-KEY': apiKey, Accept: mediaType },
    destination: 'pinpoint',
    limits,
    refusals: readPinpointRefusal,
    namesVendor: true,
  }
}

export function openPinpoint(http: Http): Pinpoint {
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
      return 'refused' in shown ? { ...found, jobRefused: shown.refused } : { ...found, job: shown }
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
  const answer = await http.send({
    method: 'GET',
    path: `/applications/${encodeURIComponent(id)}`,
    query: {
      'filter[job_visibility]': 'confidential,external,internal',
      'extra_fields[applications]': 'attachments',
      include: 'job,stage,offers,custom_attributes',
    },
    bucket,
    right: 'Application: Read (or the API is switched off)',
    answers: [404],
  })
  return answer.status === 404 ? undefined : readAnswer(answer, readApplication)
}

/** A key without the right to read jobs is still good for all else, so its refusal is an answer and pauses nothing. */
const jobRefusals = [400, 403, 404]

/**
 * Its description takes no filter, but the list of jobs hides confidential ones unless asked for by name. So a
 * confidential job that seems not to exist is asked for once more, by name.
 * https://developers.pinpointhq.com/reference/get-job
 */
async function getJob(http: Http, id: string, confidential: boolean): Promise<Job | NotShown> {
  const get = (filter: Readonly<Record<string, string>>) =>
    http.send({
      method: 'GET',
      path: `/jobs/${encodeURIComponent(id)}`,
      query: { ...filter, include: 'location,department' },
      bucket,
      answers: jobRefusals,
    })
  const plain = await get({})
  const again = confidential && plain.status === 404
  const answer = again ? await get({ 'filter[visibility]': 'confidential,external,internal' }) : plain
  return jobRefusals.includes(answer.status) ? { refused: answer.status } : readAnswer(answer, readJob)
}

const pageSize = 100
const mostPages = 50

/** https://developers.pinpointhq.com/reference/get-comments */
async function listComments(http: Http, applicationId: string): Promise<readonly Comment[]> {
  const comments = new Map<string, readonly Comment[]>()
  for (let page = 1; page <= mostPages; page++) {
    const answer = await http.send({
      method: 'GET',
      path: '/comments',
      query: {
        'filter[commentable_id]': applicationId,
        'filter[commentable_type]': 'Application',
        sort: 'id',
        ...pageQuery(page, pageSize),
      },
      bucket,
      right: 'Comment: Read',
    })
    const listed = readAnswer(answer, (json) => manyResources.parse(json))
    const before = comments.size
    for (const resource of listed.data) comments.set(resource.id, commentOn(applicationId, resource))
    // A server that ignores the page answers the same again.
    if (comments.size === before || isLast(listed, comments.size)) return [...comments.values()].flat()
  }
  throw new NeedsPerson(
    'pinpoint.too_many_comments',
    `Application ${applicationId} has more than ${mostPages} pages of comments.`,
    { fix: 'Look whether ours is among them; then cancel the run.' },
  )
}

function commentOn(applicationId: string, { id, attributes }: Resource): readonly Comment[] {
  const { body_text, commentable_id } = readAnswer({ json: attributes }, (json) =>
    commentAttributes.parse(json),
  )
  return (commentable_id ?? applicationId) === applicationId ? [{ id, text: body_text ?? '' }] : []
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
