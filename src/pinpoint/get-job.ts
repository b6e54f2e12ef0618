/** Reads a job with its location and department. */
import type { Http } from '../base/http.ts'
import type { Job } from './hired-application.ts'
import { askForLess } from './pages.ts'
import { readAnswer } from './read-answer.ts'
import { readJob } from './read-application.ts'

/** Pinpoint refused with this status: it does not know the job, or this key may not read it. */
export interface NotShown {
  readonly refused: number
}

/** A key that may not read jobs is fine for everything else, so a refusal is an answer here and pauses nothing. */
const refusals = [400, 403, 404]

/**
 * The documentation names no filter for this endpoint, but the list of jobs hides confidential ones unless a filter names them.
 * So a confidential job that seems not to exist is requested again with that filter.
 * https://developers.pinpointhq.com/reference/get-job
 */
export async function getJob(
  http: Http,
  id: string,
  { confidential, include = [] }: { readonly confidential: boolean; readonly include?: readonly string[] },
): Promise<Job | NotShown> {
  const get = (query: Readonly<Record<string, string>>) =>
    http.send({
      method: 'GET',
      path: `/jobs/${encodeURIComponent(id)}`,
      query,
      bucket: 'api',
      operation: 'jobs.get',
      list: true,
      answers: refusals,
    })
  const ask = async (include: string) => {
    const plain = await get({ include })
    const again = confidential && plain.status === 404
    return again ? get({ 'filter[visibility]': 'confidential,external,internal', include }) : plain
  }
  const { answer, less } = await askForLess(
    async () => {
      const usual = ['location', 'department']
      const whole = await ask([...usual, ...include].join())
      return include.length > 0 && refusals.includes(whole.status) ? ask(usual.join()) : whole
    },
    () => ask('location'),
  )
  if (refusals.includes(answer.status)) return { refused: answer.status }
  return { ...readAnswer(answer, readJob), ...(less && { cut: ['department'] }) }
}
