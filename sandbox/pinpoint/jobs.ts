/** Reading jobs. The list leaves confidential ones out unless they are asked for. */
import { pathPart, type SandboxContext } from '../gate.ts'
import { document, refusal } from './answers.ts'
import type { PinpointApi } from './applications.ts'
import { jobIncluded, jobIncludes, jobResource } from './job-resource.ts'
import { distinct, listed, paged, withinTimes } from './query.ts'
import { jobStatuses, visibilities } from './seed.ts'

/** https://developers.pinpointhq.com/reference/get-jobs-id */
export function getJob(api: PinpointApi, c: SandboxContext): Response {
  const includes = listed(c, 'include', jobIncludes) ?? []
  const job = api.store.job(pathPart(c, 'id'), pathPart(c, 'subdomain'))
  if (!job) throw refusal(404, 'Record not found')
  const included = jobIncluded(job, includes)
  return document({ data: jobResource(job, includes), ...(included.length > 0 && { included }), meta: {} })
}

/** https://developers.pinpointhq.com/reference/get-jobs */
export function listJobs(api: PinpointApi, c: SandboxContext): Response {
  const includes = listed(c, 'include', jobIncludes) ?? []
  const statuses = listed(c, 'filter[status]', jobStatuses) ?? jobStatuses
  const visible = listed(c, 'filter[visibility]', visibilities) ?? ['external', 'internal']
  const tenant = pathPart(c, 'subdomain')
  const matching = withinTimes(c, api.store.jobs(tenant)).filter(
    ({ status, visibility }) => statuses.includes(status) && visible.includes(visibility),
  )
  const { items, meta } = paged(c, matching, api.store.tenant(tenant))
  const included = distinct(items.flatMap((job) => jobIncluded(job, includes)))
  const data = items.map((job) => jobResource(job, includes))
  return document({ data, ...(included.length > 0 && { included }), meta })
}
