/** The jobs for which somebody may be hired soon. */
import type { Http } from '../base/http.ts'
import type { Job } from './hired-application.ts'
import { type PageChoice, pageInParts, pageQuery } from './pages.ts'
import { readAnswer } from './read-answer.ts'
import { readJobs } from './read-application.ts'

export interface JobsPage {
  readonly jobs: readonly Job[]
  /** How many there are on all pages; undefined where Pinpoint does not count them. */
  readonly total: number | undefined
}

const pageSize = 100

/**
 * Confidential ones are left out unless asked for by name. A key that may not read jobs is an answer here.
 * https://developers.pinpointhq.com/reference/get-jobs
 */
export async function listOpenJobs(
  http: Http,
  page: number,
): Promise<JobsPage | { readonly refused: number }> {
  const parts = await pageInParts(
    (choice) => readPart(http, choice),
    { page, size: pageSize },
    (part) => 'refused' in part || part.jobs.length === 0,
  )
  const refused = parts.find((part) => 'refused' in part)
  if (refused !== undefined) return refused
  const listed = parts.filter((part) => 'jobs' in part)
  return { jobs: listed.flatMap(({ jobs }) => jobs), total: listed[0]?.total }
}

/** Far more open jobs than anybody has; it also ends a list without an end. */
const mostPages = 50

/** All pages, into `jobs`: what was read before a failure is in it. */
export async function collectOpenJobs(
  openJobs: (page: number) => Promise<JobsPage | { readonly refused: number }>,
  jobs: Map<string, Job>,
): Promise<{ readonly refused: number } | { readonly isLast: boolean }> {
  for (let page = 1; page <= mostPages; page++) {
    const answer = await openJobs(page)
    if ('refused' in answer) return answer
    const before = jobs.size
    for (const job of answer.jobs) jobs.set(job.id, job)
    // Nothing new: the list has ended, or its server ignores the page number and repeats the page.
    if (jobs.size === before || (answer.total !== undefined && jobs.size >= answer.total))
      return { isLast: true }
  }
  return { isLast: false }
}

async function readPart(
  http: Http,
  { page, size }: PageChoice,
): Promise<JobsPage | { readonly refused: number }> {
  const answer = await http.send({
    method: 'GET',
    path: '/jobs',
    query: {
      'filter[status]': 'open',
      'filter[visibility]': 'confidential,external,internal',
      include: 'location,department',
      sort: 'id',
      ...pageQuery(page, size),
    },
    bucket: 'api',
    operation: 'jobs.list',
    list: true,
    answers: [403],
  })
  return answer.status === 403 ? { refused: answer.status } : readAnswer(answer, readJobs)
}
