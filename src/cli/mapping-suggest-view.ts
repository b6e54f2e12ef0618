/** The output of `mapping suggest`: YAML, with notes for the reader as comments. */
import { Document, isScalar, visit } from 'yaml'

import { counted } from '../base/duration.ts'
import type { JsonObject } from '../base/json.ts'
import { quoted } from '../base/plain-text.ts'
import type { Counts, Entry, Suggestion, Undecided } from '../mapping/suggest.ts'
import type { Detail } from '../pinpoint/read-hire.ts'

interface About {
  readonly mapping: JsonObject
  /** What the mapping replaces. */
  readonly settings: readonly string[]
  /** Open ones. */
  readonly jobs: number
  /** With offers. */
  readonly hires: number
  /** That no field takes. */
  readonly divisions: readonly string[]
  /** What Pinpoint does not send along. */
  readonly notShown: readonly (Detail | 'offers')[]
  readonly isLast: boolean
  /** Of the integration. */
  readonly title: string
}

export function suggestionText(found: readonly Suggestion[], about: About): string {
  const comments = found.flatMap((one) => commentsOf(one, about))
  if (about.jobs + about.hires === 0) return '# There are no open jobs.'
  const jobs = countsText(about)
  const notes = [
    ...(about.isLast ? [] : ['There are more open jobs; only these were compared.']),
    ...about.notShown.map((one) => `Pinpoint does not send along ${notShownText[one] ?? one}.`),
  ]
  const after = [...comments, ...divisionsText(about)]
  if (Object.keys(about.mapping).length === 0) {
    const isOne = about.jobs + about.hires === 1
    const head =
      comments.length === 0
        ? `Nothing to map: the lists of ${about.title} have what ${jobs} ${isOne ? 'needs' : 'need'}.`
        : `Nothing near was found for ${jobs}.`
    return [head, ...notes, ...after].map((line) => `# ${line}`).join('\n')
  }
  const head = [
    `Proposed for ${jobs}. Confirm each line, then put it into the connection in the file of the tenant.`,
  ]
  const instead = about.settings.map(
    (name) => `Remove \`${name}\` from its settings: the mapping takes its place.`,
  )
  return [
    ...[...head, ...instead, ...notes].map((line) => `# ${line}`),
    yamlOf(found, about.mapping),
    ...after.map((line) => `# ${line}`),
  ].join('\n')
}

const notShownText: Readonly<Partial<Record<Detail | 'offers', string>>> = {
  division: 'the divisions of jobs',
  job_attributes: 'the custom attributes of jobs',
  hiring_manager: 'the hiring managers of jobs',
  offers: 'the offers of hires, so their titles were not compared',
}

const mostDivisions = 10

function divisionsText({ divisions, title }: About): readonly string[] {
  if (divisions.length === 0) return []
  const shown = divisions.slice(0, mostDivisions).map(quoted).join(', ')
  const more = divisions.length > mostDivisions ? `, and ${divisions.length - mostDivisions} more` : ''
  return [
    `job.division: no list of ${title} is mapped from it. Open jobs have ${shown}${more}; map a field from job.division, and its values are proposed.`,
  ]
}

function countsText({ jobs, hires }: Pick<About, 'jobs' | 'hires'>): string {
  return [
    ...(jobs === 0 ? [] : [counted(jobs, 'open job')]),
    ...(hires === 0 ? [] : [counted(hires, 'recent hire')]),
  ].join(' and ')
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

function seenText({ jobs, hires }: Counts): string {
  return [
    ...(jobs === 0 ? [] : [counted(jobs, 'job')]),
    ...(hires === 0 ? [] : [counted(hires, 'hire')]),
  ].join(', ')
}

function besideOf({ why, others, ...counts }: Entry): string {
  const or = others.length === 0 ? '' : `; or ${others.map(quoted).join(', or ')}`
  return `${why === 'near' ? 'near: is it the same? ' : ''}${seenText(counts)}${or}`
}

function commentsOf({ id, hidden, known, entries, open }: Suggestion, { title }: About): readonly string[] {
  if (hidden) return [`${id}: ${title} does not show its list to these credentials.`]
  if (known + entries.length + open.length === 0) return [`${id}: the list of open jobs has no value for it.`]
  return open.map((one) => `${id}: ${undecidedText(one)} (${seenText(one)})`)
}

function undecidedText({ value, headings }: Undecided): string {
  return headings.length === 0
    ? `nothing in the list is near ${quoted(value)}`
    : `${quoted(value)} is in the list several times, so name one by its id: ${headings.map(quoted).join(', ')}`
}
