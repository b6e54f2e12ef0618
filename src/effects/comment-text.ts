/** What the comment on an application says: one sentence that never changes, and below it what the connection's template adds. */
import { evaluate } from '../mapping/evaluate.ts'
import type { Part } from '../mapping/expression.ts'
import { type Hire, type Source, sourceNamed } from '../mapping/sources.ts'
import type { Existing } from '../sdk/ensure.ts'
import { ofRecord, parseComment } from '../tenants/connection-options.ts'

export interface CommentTextDeps {
  /** Undefined: the connection has none. */
  readonly template: string | undefined
  readonly integration: string
  /** Where people see the record. */
  readonly urlOf: (id: string) => string | undefined
}

export interface CommentText {
  readonly text: string
  /** What the template has no value for: then there is only the sentence. A sentence without personal data. */
  readonly gap: string | undefined
}

export type TextOfComment = (record: Pick<Existing, 'id' | 'how'>, hire: Hire) => CommentText

/** By it comments are recognised, also by scripts of others: it stays as it is. */
export function recordSentence({ id, how }: Pick<Existing, 'id' | 'how'>): string {
  return `Record ${how === 'found' ? 'found' : 'created'} with ID: ${id}`
}

export function openTextOfComment({ template = '', ...deps }: CommentTextDeps): TextOfComment {
  const parsed = template === '' ? undefined : parseComment(template)
  const parts = parsed?.ok === true ? parsed.value : []
  return (record, hire) => {
    const sentence = recordSentence(record)
    if (parts.length === 0) return { text: sentence, gap: undefined }
    const below = fill(parts, hire, { deps, record })
    return 'gap' in below
      ? { text: sentence, gap: below.gap }
      : { text: `${sentence}\n${below.text}`, gap: undefined }
  }
}

interface Given {
  readonly deps: Omit<CommentTextDeps, 'template'>
  readonly record: Pick<Existing, 'id' | 'how'>
}

function fill(
  parts: readonly Part[],
  hire: Hire,
  given: Given,
): { readonly text: string } | { readonly gap: string } {
  const rule = { kind: 'template', parts, otherwise: undefined } as const
  const { values, gaps } = evaluate(new Map([['comment', rule]]), hire, {
    sourceNamed: (id) => sourceOf(id, given) ?? sourceNamed(id),
  })
  const [value] = values
  return value === undefined ? { gap: reasonOf(gaps) } : { text: value.value }
}

function reasonOf([gap]: readonly {
  readonly reason: string
  readonly source: string | undefined
}[]): string {
  const isOurs = ofRecord.some((id) => id === gap?.source)
  return isOurs || gap === undefined ? `There is no ${gap?.source ?? 'value'}.` : gap.reason
}

function sourceOf(id: string, { deps, record }: Given): Source | undefined {
  const value = {
    record: () => recordSentence(record),
    'record.id': () => record.id,
    'record.url': () => deps.urlOf(record.id),
    'integration.title': () => deps.integration,
  }[id as (typeof ofRecord)[number]] as (() => string | undefined) | undefined
  return value && { id, title: id, type: 'text', organisational: true, needs: undefined, read: value }
}
