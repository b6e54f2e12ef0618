/** A job with its location and department. */
import type { Http } from '../base/http.ts'
import type { Job } from './hired-application.ts'
import { askForLess } from './pages.ts'
import { readAnswer } from './read-answer.ts'
import { readJob } from './read-application.ts'

/** Pinpoint did not show it, with this status: unknown to it, or not for this key. */
export interface NotShown {
  readonly refused: number
}

/** A key without the right to read jobs is still good for all else, so its refusal is an answer and pauses nothing. */
const refusals = [400, 403, 404]

/**
 * Its description takes no filter, but the list of jobs hides confidential ones unless asked for by name. So a
 * confidential job that seems not to exist is asked for once more, by name.
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
