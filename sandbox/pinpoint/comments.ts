/** Comments on applications. Every one mails people at Pinpoint, so the ledger counts them. */
import { z } from 'zod'

import { parseJson } from '../../src/base/json.ts'
import { pathPart, type SandboxContext } from '../gate.ts'
import { document, failure, refusal, type Resource } from './answers.ts'
import { applicationResource, type Asked } from './application-resource.ts'
import type { PinpointApi } from './applications.ts'
import { commentResource } from './comment-resource.ts'
import type { Comment } from './comment-store.ts'
import { distinct, listed, paged, withinTimes } from './query.ts'

const newComment = z.object({
  data: z.object({
    type: z.literal('comments'),
    attributes: z.object({ body_text: z.string().default('') }),
    relationships: z.object({
      commentable: z.object({
        data: z.object({ type: z.string(), id: z.union([z.string(), z.int()]) }),
      }),
    }),
  }),
})

/** https://developers.pinpointhq.com/reference/post-comments */
export async function createComment(api: PinpointApi, c: SandboxContext): Promise<Response> {
  const parsed = newComment.safeParse(parseJson(await c.req.text()))
  if (!parsed.success) throw refusal(400, 'Malformed request body')
  const { attributes, relationships } = parsed.data.data
  if (attributes.body_text.trim() === '') {
    return failure(422, "Body text can't be blank", '/data/attributes/body_text')
  }
  const tenant = pathPart(c, 'subdomain')
  const { type, id } = relationships.commentable.data
  const isJsonApi = c.req.header('content-type')?.startsWith('application/vnd.api+json') === true
  const known = isJsonApi && type === 'applications' && typeof id === 'string'
  const application = known ? api.store.application(id, tenant) : undefined
  if (!application || typeof id !== 'string') return uncommentable()
  const comment = api.store.createComment(id, attributes.body_text, tenant)
  const included = [applicationResource(application, plain(api))]
  return document({ data: commentResource(comment, ['commentable']), included, meta: {} }, 201)
}

/** As recorded: also for a numeric id, and for a body that does not say it is JSON:API. */
function uncommentable(): Response {
  const error = (attribute: string, code: string, message: string) => ({
    ...{ code: 'unprocessable_entity', status: '422', title: 'Validation Error', detail: message },
    ...{ source: { pointer: `/data/attributes/${attribute}` }, meta: { attribute, message, code } },
  })
  const errors = [
    error('commentable', 'blank', 'Commentable must exist'),
    error('commentable_id', 'blank', "Commentable can't be blank"),
  ]
  return document({ errors }, 422)
}

/** https://developers.pinpointhq.com/reference/get-comments */
export function listComments(api: PinpointApi, c: SandboxContext): Response {
  const tenant = pathPart(c, 'subdomain')
  const includes = listed(c, 'include', ['user', 'commentable']) ?? []
  const types = listed(c, 'filter[commentable_type]', ['Application', 'JobSeeker'])
  const id = c.req.query('filter[commentable_id]')
  if (id !== undefined && !/^\d+$/.test(id)) throw refusal(400, 'Malformed query params')
  const listedSince = api.clock.now().getTime() - (api.store.tenant(tenant)?.commentLagMs ?? 0)
  const ofTenant = api.store
    .comments(id, tenant)
    .filter((comment) => comment.tenant === tenant && comment.createdAt.getTime() <= listedSince)
  const comments = types && !types.includes('Application') ? [] : ofTenant
  const { items, meta } = paged(c, withinTimes(c, comments), api.store.tenant(tenant))
  const included = includes.includes('commentable')
    ? items.flatMap((comment) => commentable(api, comment))
    : []
  const data = items.map((comment) => commentResource(comment, includes))
  return document({ data, ...(included.length > 0 && { included: distinct(included) }), meta })
}

function commentable(api: PinpointApi, comment: Comment): readonly Resource[] {
  const application = api.store.application(comment.applicationId, comment.tenant)
  return application ? [applicationResource(application, plain(api))] : []
}

const plain = (api: PinpointApi): Asked => ({
  includes: [],
  extra: [],
  fields: undefined,
  references: false,
  fileUrl: api.fileUrl,
  comments: () => ({ comments: [], along: [] }),
})
