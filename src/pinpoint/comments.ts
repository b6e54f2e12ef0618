/** Lists the comments on an application page by page: there may be thousands, and the caller looks for one. */
import { AnswerTooLarge, NeedsPerson } from '../base/failure.ts'
import type { Http } from '../base/http.ts'
import { isLast, pageQuery } from './pages.ts'
import { readAnswer } from './read-answer.ts'
import { commentAttributes, manyResources, type Resource } from './wire.ts'

export interface Comment {
  readonly id: string
  /** Cut off if it is very long. */
  readonly text: string
}

const mostComments = 5000
const pageSize = 100
/** Used when a page of the usual size is too large to read. */
const smallPageSize = 10
/** Our own comments have a few lines. */
const longestText = 64 * 1024
/** Ids are cut to this length before they are compared. */
const longestId = 100

/** https://developers.pinpointhq.com/reference/get-comments */
export async function* listComments(http: Http, applicationId: string): AsyncGenerator<Comment> {
  const met = new Set<string>()
  let size = pageSize
  for (let page = 1; page <= mostComments / size; page++) {
    const listed = await getPage(http, applicationId, { page, size })
    if (listed === 'too_large') {
      // Starts over: a server that caps the page size numbers its pages by its own size.
      met.clear()
      size = smallPageSize
      page = 0
      continue
    }
    const before = met.size
    for (const resource of listed.data) {
      const known = met.size
      if (met.add(resource.id.slice(0, longestId)).size > known) yield* commentOn(applicationId, resource)
    }
    // A page without new comments: the server ignores the page number.
    if (met.size === before || isLast(listed, met.size)) return
  }
  throw new NeedsPerson(
    'pinpoint.too_many_comments',
    `Application ${applicationId} has more than ${mostComments} comments.`,
    { fix: 'Check whether the comment of this service is among them, then cancel the run.' },
  )
}

async function getPage(http: Http, applicationId: string, { page, size }: { page: number; size: number }) {
  try {
    const answer = await http.send({
      method: 'GET',
      path: '/comments',
      query: {
        'filter[commentable_id]': applicationId,
        'filter[commentable_type]': 'Application',
        sort: 'id',
        ...pageQuery(page, size),
      },
      bucket: 'api',
      operation: 'comments.list',
      list: true,
      right: 'Comment: Read',
    })
    return readAnswer(answer, (json) => manyResources.parse(json))
  } catch (error) {
    if (error instanceof AnswerTooLarge && size > smallPageSize) return 'too_large'
    throw error
  }
}

function commentOn(applicationId: string, { id, attributes }: Resource): readonly Comment[] {
  const { body_text, commentable_id } = readAnswer({ json: attributes }, (json) =>
    commentAttributes.parse(json),
  )
  if ((commentable_id ?? applicationId) !== applicationId) return []
  return [{ id, text: (body_text ?? '').slice(0, longestText) }]
}
