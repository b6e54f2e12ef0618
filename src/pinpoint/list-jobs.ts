/** Lists the open jobs. */
import type { Http } from '../base/http.ts'
import type { Job } from './hired-application.ts'
import { type PageChoice, pageInParts, pageQuery } from './pages.ts'
import { readAnswer } from './read-answer.ts'
import { readJobs } from './read-application.ts'
import { type Detail, includesOfJob } from './read-hire.ts'

export interface JobsPage {
  readonly jobs: readonly Job[]
  /** Number of jobs on all pages; undefined if Pinpoint does not count them. */
  readonly total: number | undefined
}

const pageSize = 100

/**
 * Pinpoint leaves out confidential jobs unless the filter names them. A key that may not read jobs gets `refused`, no error.
 * https://developers.pinpointhq.com/reference/get-jobs
 */
export async function listOpenJobs(
  http: Http,
  page: number,
  more: readonly Detail[] = [],
): Promise<JobsPage | { readonly refused: number }> {
  const parts = await pageInParts(
    (choice) => readPart(http, choice, includesOfJob(more)),
    { page, size: pageSize },
    (part) => 'refused' in part || part.jobs.length === 0,
  )
  const refused = parts.find((part) => 'refused' in part)
  if (refused !== undefined) return refused
  const listed = parts.filter((part) => 'jobs' in part)
  return { jobs: listed.flatMap(({ jobs }) => jobs), total: listed[0]?.total }
}

/** Far more open jobs than any customer has; also ends an endless list. */
const mostPages = 50

/** Reads all pages into `jobs`, which keeps what was read before a failure. */
export async function collectOpenJobs(
  openJobs: (page: number) => Promise<JobsPage | { readonly refused: number }>,
  jobs: Map<string, Job>,
): Promise<{ readonly refused: number } | { readonly isLast: boolean }> {
  for (let page = 1; page <= mostPages; page++) {
    const answer = await openJobs(page)
    if ('refused' in answer) return answer
    const before = jobs.size
    for (const job of answer.jobs) jobs.set(job.id, job)
    // A page without new jobs: the list has ended, or the server ignores the page number.
    if (jobs.size === before || (answer.total !== undefined && jobs.size >= answer.total))
      return { isLast: true }
  }
  return { isLast: false }
}

async function readPart(
  http: Http,
  { page, size }: PageChoice,
  more: readonly string[],
): Promise<JobsPage | { readonly refused: number }> {
  const answer = await http.send({
    method: 'GET',
    path: '/jobs',
    query: {
      'filter[status]': 'open',
      'filter[visibility]': 'confidential,external,internal',
      include: ['location', 'department', ...more].join(),
      sort: 'id',
      ...pageQuery(page, size),
    },
    bucket: 'api',
    operation: 'jobs.list',
    list: true,
    // The refusal may be meant for `more`, which the caller can do without.
    answers: more.length === 0 ? [403] : [400, 403, 422],
  })
  return answer.status === 200 ? readAnswer(answer, readJobs) : { refused: answer.status }
}
