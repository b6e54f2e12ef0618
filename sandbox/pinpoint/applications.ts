/** Reading applications. Those of confidential jobs are there only for callers who ask for confidential ones. */
import { z } from 'zod'

import type { Clock } from '../../src/base/clock.ts'
import { parseJson } from '../../src/base/json.ts'
import { pathPart, type SandboxContext } from '../gate.ts'
import { document, refusal } from './answers.ts'
import type { Application } from './application.ts'
import { applicationIncluded } from './application-included.ts'
import { applicationResource, type Asked, stageId } from './application-resource.ts'
import { distinct, listed, paged, withinTimes } from './query.ts'
import { basicTypes, visibilities } from './seed.ts'
import type { PinpointStore } from './store.ts'

export interface PinpointApi {
  readonly store: PinpointStore
  readonly clock: Clock
  readonly fileUrl: Asked['fileUrl']
}

const includes = [
  'answers',
  'candidate',
  'candidate.custom_attributes',
  'comments',
  'custom_attributes',
  'job',
  'job.custom_attributes',
  'job.department',
  'job.division',
  'job.hiring_manager_user',
  'job.location',
  'offers',
  'offers.creator',
  'offers.custom_attributes',
  'offers.manager',
  'offers.stage',
  'onboarding_application',
  'onboarding_application.onboarding_answers',
  'stage',
  'structured_section_responses',
  'structured_section_responses.answers',
] as const

/** https://developers.pinpointhq.com/reference/get-application */
export function getApplication(api: PinpointApi, c: SandboxContext): Response {
  const asked = asks(api, c)
  refuseIncludes(api, c, asked)
  const application = api.store.readApplication(pathPart(c, 'id'), pathPart(c, 'subdomain'))
  if (!application || !visible(c).includes(application.job.visibility)) throw refusal(404, 'Record not found')
  const included = distinct(applicationIncluded(application, asked))
  const data = applicationResource(application, asked)
  return document({ data, ...(included.length > 0 && { included }), meta: {} })
}

const changed = z.object({
  data: z.object({
    id: z.string(),
    type: z.literal('applications'),
    attributes: z.strictObject({ external_system_reference: z.string().nullable() }),
  }),
})

/** What it does not name stays as it is. https://developers.pinpointhq.com/reference/put-application */
export async function updateApplication(api: PinpointApi, c: SandboxContext): Promise<Response> {
  const [id, subdomain] = [pathPart(c, 'id'), pathPart(c, 'subdomain')]
  const { references = 'write' } = api.store.tenant(subdomain) ?? {}
  if (references === 'read' || references === 'none') throw refusal(403, 'Forbidden')
  const isJsonApi = c.req.header('content-type')?.startsWith('application/vnd.api+json') === true
  const { data } = changed.safeParse(parseJson(await c.req.text())).data ?? {}
  if (!isJsonApi || data?.id !== id) throw refusal(400, 'Malformed request body')
  const before = api.store.application(id, subdomain)
  if (before === undefined) throw refusal(404, 'Record not found')
  const externalSystemReference = data.attributes.external_system_reference
  const after =
    references === 'unkept' ? before : api.store.changeApplication(id, { externalSystemReference }, subdomain)
  return document({ data: applicationResource(after ?? before, asks(api, c)), meta: {} })
}

/** As a list of them shows them. `cut`: the last one does not come along. */
function commentsOn(api: PinpointApi, { id, tenant }: Application) {
  const { commentLagMs = 0, commentsAlong } = api.store.tenant(tenant) ?? {}
  const listedSince = api.clock.now().getTime() - commentLagMs
  const comments = api.store
    .comments(id, tenant)
    .filter(({ createdAt }) => createdAt.getTime() <= listedSince)
  return { comments, along: commentsAlong === 'cut' ? comments.slice(0, -1) : comments }
}

/** https://developers.pinpointhq.com/reference/get-applications */
export function listApplications(api: PinpointApi, c: SandboxContext): Response {
  const asked = asks(api, c)
  const tenant = pathPart(c, 'subdomain')
  const visibilitiesAsked = visible(c)
  const stages = listed(c, 'filter[stage_basic_type]', basicTypes)
  const jobIds = listed(c, 'filter[job_id]')
  const stageIds = listed(c, 'filter[stage_id]')
  const internal = c.req.query('filter[internal_candidate]')
  const matching = withinTimes(c, api.store.applications()).filter(
    (application) =>
      application.tenant === tenant &&
      visibilitiesAsked.includes(application.job.visibility) &&
      (stages?.includes(application.stage) ?? true) &&
      (jobIds?.includes(application.job.id) ?? true) &&
      (stageIds?.includes(stageId(application)) ?? true) &&
      (internal === undefined || String(application.internalCandidate) === internal),
  )
  const { items, meta } = paged(c, matching, api.store.tenant(tenant))
  const included = distinct(items.flatMap((application) => applicationIncluded(application, asked)))
  const data = items.map((application) => applicationResource(application, asked))
  return document({ data, ...(included.length > 0 && { included }), meta })
}

function refuseIncludes(api: PinpointApi, c: SandboxContext, { includes }: Asked): void {
  const { refusedIncludes = [] } = api.store.tenant(pathPart(c, 'subdomain')) ?? {}
  const isRefused = (path: string) =>
    refusedIncludes.some((one) => path.startsWith(one === 'job' ? 'job.' : one))
  if (includes.some(isRefused)) throw refusal(400, 'Malformed query params')
}

/** What does come along of that. */
function includesOf(api: PinpointApi, c: SandboxContext): readonly string[] {
  const { commentsAlong, jobAlongBare } = api.store.tenant(pathPart(c, 'subdomain')) ?? {}
  return (listed(c, 'include', includes) ?? []).map((path) => {
    if (path === 'comments' && commentsAlong === 'left_out') return ''
    return path.startsWith('job.') && jobAlongBare === true ? 'job' : path
  })
}

function asks(api: PinpointApi, c: SandboxContext): Asked {
  return {
    includes: includesOf(api, c),
    comments: (application) => commentsOn(api, application),
    extra: listed(c, 'extra_fields[applications]') ?? [],
    fields: listed(c, 'fields[applications]'),
    references: api.store.tenant(pathPart(c, 'subdomain'))?.references !== 'none',
    fileUrl: api.fileUrl,
  }
}

function visible(c: SandboxContext): readonly string[] {
  return listed(c, 'filter[job_visibility]', visibilities) ?? ['external', 'internal']
}
