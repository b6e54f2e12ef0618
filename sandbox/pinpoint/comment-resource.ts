/** A comment as Pinpoint shows it. */
import { notIncluded, type Resource, timestamp } from './answers.ts'
import type { Comment } from './comment-store.ts'

export function commentResource(comment: Comment, includes: readonly string[]): Resource {
  const at = timestamp(comment.createdAt)
  const subject = { data: { type: 'applications', id: comment.applicationId } }
  return {
    id: comment.id,
    type: 'comments',
    attributes: {
      body_text: comment.bodyText,
      commentable_id: comment.applicationId,
      commentable_type: 'Application',
      created_at: at,
      private_comment: false,
      updated_at: at,
      user_id: '95001',
    },
    relationships: {
      user: includes.includes('user') ? { data: { type: 'users', id: '95001' } } : notIncluded,
      commentable: includes.includes('commentable') ? subject : notIncluded,
    },
  }
}
