/** Comments that come along are taken for all there are only where the answer shows that they are. */
import { describe, expect, it } from 'vitest'

import { includedComments } from '../../src/pinpoint/included-comments.ts'

const comment = (id: string, text: unknown = `Comment ${id}`, more: object = {}) => ({
  id,
  type: 'comments',
  attributes: { body_text: text, commentable_id: '9000001', ...more },
})
const referenceTo = ({ id }: { readonly id: string }) => ({ type: 'comments', id })

function answer(comments: unknown, included: unknown = []) {
  return { data: { id: '9000001', type: 'applications', relationships: { comments } }, included }
}
const two = [comment('1'), comment('2')]
const both = two.map(referenceTo)

describe('comments that came with an application', () => {
  it('are all of them when each one that is referred to came along', () => {
    expect(includedComments(answer({ data: both }, [...two, { id: '7', type: 'jobs' }]))).toEqual([
      { id: '1', text: 'Comment 1' },
      { id: '2', text: 'Comment 2' },
    ])
    expect(includedComments(answer({ data: [], meta: { included: true } }))).toEqual([])
    expect(includedComments(answer({ data: [{ type: 'comments', id: 1 }] }, [comment('1', null)]))).toEqual([
      { id: '1', text: '' },
    ])
  })

  it.each<[string, unknown]>([
    ['the relationship was not included', answer({ meta: { included: false } })],
    ['the relationship is missing', { data: { id: '9000001', relationships: {} }, included: two }],
    ['there are no relationships', { data: { id: '9000001' }, included: two }],
    ['its data is null', answer({ data: null })],
    ['its data is one alone', answer({ data: both[0] }, two)],
    ['one that is referred to did not come along', answer({ data: both }, two.slice(0, 1))],
    ['none came along', { data: answer({ data: both }).data }],
    ['one came along that is not referred to', answer({ data: both.slice(0, 1) }, two)],
    ['a reference cannot be read', answer({ data: [...both, { type: 'comments' }] }, two)],
    [
      'it says that there is a further page',
      answer({ data: both, links: { next: '/comments?page=2' } }, two),
    ],
    ['it counts more', answer({ data: both, meta: { total: 3 } }, two)],
    [
      'one is another application’s',
      answer({ data: both }, [two[0], comment('2', 'x', { commentable_id: '8' })]),
    ],
    ['one has no text', answer({ data: both }, [two[0], comment('2', '', { body_text: undefined })])],
    ['the text of one is no text', answer({ data: both }, [two[0], comment('2', ['x'])])],
    ['the text of one is very long', answer({ data: both }, [two[0], comment('2', 'x'.repeat(2001))])],
    ['two are the same', answer({ data: both }, [two[0], two[0]])],
    ['the answer is something else', 'nothing'],
  ])('are not known when %s', (_what, json) => {
    expect(includedComments(json)).toBeUndefined()
  })

  it('are not known when there are as many as a server may give of more', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => comment(String(at)))
    const of = (count: number) =>
      includedComments(answer({ data: many(count).map(referenceTo) }, many(count)))?.length
    expect([of(19), of(20)]).toEqual([19, undefined])
  })
})
