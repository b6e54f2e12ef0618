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
