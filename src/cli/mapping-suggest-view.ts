/** The output of `mapping suggest`: YAML, with notes for the reader as comments. */
import { Document, isScalar, visit } from 'yaml'

import { counted } from '../base/duration.ts'
import type { JsonObject } from '../base/json.ts'
import { quoted } from '../base/plain-text.ts'
import type { Entry, Suggestion, Undecided } from '../mapping/suggest.ts'

interface About {
  readonly mapping: JsonObject
  /** What the mapping replaces. */
  readonly settings: readonly string[]
  /** Open ones. */
  readonly jobs: number
  readonly isLast: boolean
  /** Of the integration. */
  readonly title: string
}

export function suggestionText(found: readonly Suggestion[], about: About): string {
  const comments = found.flatMap((one) => commentsOf(one, about))
  if (about.jobs === 0) return '# There are no open jobs.'
  const jobs = counted(about.jobs, 'open job')
  const cut = about.isLast ? [] : ['There are more open jobs; only these were compared.']
  if (Object.keys(about.mapping).length === 0) {
    const head =
      comments.length === 0
        ? `Nothing to map: the lists of ${about.title} have what ${jobs} ${about.jobs === 1 ? 'needs' : 'need'}.`
        : `Nothing near was found for ${jobs}.`
    return [head, ...cut, ...comments].map((line) => `# ${line}`).join('\n')
  }
  const head = [
    `Proposed for ${jobs}. Confirm each line, then put it into the connection in the file of the tenant.`,
  ]
  const instead = about.settings.map(
    (name) => `Remove \`${name}\` from its settings: the mapping takes its place.`,
  )
  return [
    ...[...head, ...instead, ...cut].map((line) => `# ${line}`),
    yamlOf(found, about.mapping),
    ...comments.map((line) => `# ${line}`),
  ].join('\n')
}

/** Each guessed entry has a comment. */
function yamlOf(found: readonly Suggestion[], mapping: JsonObject): string {
  const document = new Document({ mapping })
  for (const { id, entries } of found)
    for (const entry of entries) {
      const node = document.getIn(['mapping', id, 'values', entry.value], true)
      if (isScalar(node)) node.comment = ` ${besideOf(entry)}`
    }
  visit(document, { Seq: (_, node) => void (node.flow = true) })
  return document.toString({ lineWidth: 0 }).trimEnd()
}

function besideOf({ why, others, jobs }: Entry): string {
  const or = others.length === 0 ? '' : `; or ${others.map(quoted).join(', or ')}`
  return `${why === 'near' ? 'near: is it the same? ' : ''}${counted(jobs, 'job')}${or}`
}

function commentsOf({ id, hidden, known, entries, open }: Suggestion, { title }: About): readonly string[] {
  if (hidden) return [`${id}: ${title} does not show its list to these credentials.`]
  if (known + entries.length + open.length === 0) return [`${id}: the list of open jobs has no value for it.`]
  return open.map((one) => `${id}: ${undecidedText(one)} (${counted(one.jobs, 'job')})`)
}

function undecidedText({ value, headings }: Undecided): string {
  return headings.length === 0
    ? `nothing in the list is near ${quoted(value)}`
    : `${quoted(value)} is in the list several times, so name one by its id: ${headings.map(quoted).join(', ')}`
}
