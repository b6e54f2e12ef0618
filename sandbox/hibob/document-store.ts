/** Documents of employees: their digest and size, not their bytes, so that memory stays flat. */
import { createHash } from 'node:crypto'

import type { Clock } from '../../src/base/clock.ts'

export interface StoredDocument {
  readonly id: string
  readonly company: string
  readonly employeeId: string
  readonly folderId: number
  readonly name: string
  readonly tags: readonly string[]
  readonly mimeType: string
  readonly sha256: string
  readonly bytes: number
  readonly createdAt: Date
}

export type NewDocument = Pick<StoredDocument, 'folderId' | 'name' | 'tags' | 'mimeType'> & {
  readonly content: Uint8Array
}

export function openDocumentStore(clock: Clock) {
  const documents = new Map<string, StoredDocument[]>()
  let sequence = 0
  return {
    add: (owner: { readonly id: string; readonly company: string }, made: NewDocument): StoredDocument => {
      const { content, ...given } = made
      const document: StoredDocument = {
        ...given,
        id: String(15_587_714 + sequence++),
        company: owner.company,
        employeeId: owner.id,
        sha256: createHash('sha256').update(content).digest('hex'),
        bytes: content.length,
        createdAt: clock.now(),
      }
      documents.set(owner.id, [...(documents.get(owner.id) ?? []), document])
      return document
    },
    /** Oldest first; of one employee, or of all. */
    list: (employeeId?: string): readonly StoredDocument[] =>
      employeeId === undefined ? [...documents.values()].flat() : (documents.get(employeeId) ?? []),
    clear: () => documents.clear(),
  }
}
