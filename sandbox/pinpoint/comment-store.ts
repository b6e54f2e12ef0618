/** Comments by application, oldest first. */
export interface Comment {
  readonly id: string
  readonly tenant: string
  readonly applicationId: string
  readonly bodyText: string
  /** Put there by a test, not by a call of the API. */
  readonly seeded: boolean
  readonly createdAt: Date
}

export function openCommentStore() {
  const comments = new Map<string, Comment[]>()
  let sequence = 0
  return {
    add(given: Omit<Comment, 'id'>): Comment {
      const comment = { ...given, id: String(3_400_001 + sequence++) }
      const key = `${given.tenant}/${given.applicationId}`
      comments.set(key, [...(comments.get(key) ?? []), comment])
      return comment
    },
    of: (tenant: string, applicationId: string): readonly Comment[] =>
      comments.get(`${tenant}/${applicationId}`) ?? [],
    all: (): readonly Comment[] => [...comments.values()].flat(),
    clear: () => comments.clear(),
  }
}
