/** What every connection can be told, whatever its integration: when it acts, and what its comment says. */
import { z } from 'zod'

import { parseDuration } from '../base/duration.ts'
import { type Parsed, parseTemplate, type Part, unknownSource } from '../mapping/expression.ts'
import { type Source, sourceNamed, sources } from '../mapping/sources.ts'

const longestDelaySeconds = 30 * 86_400

/** How long its runs wait after the hire, so that a hire revoked in that time has no consequence: a duration such as `2h`, as seconds. */
export const delaySchema = z
  .string()
  .transform((text, context) => {
    const seconds = parseDuration(text)
    if (seconds !== undefined && seconds <= longestDelaySeconds) return seconds
    context.addIssue('must be a duration such as 30m, 2h or 1d, at most 30d')
    return z.NEVER
  })
  .default(0)

/** A template. Undefined: the sentence that names the record, and nothing else. */
export const commentSchema = z
  .string()
  .trim()
  .superRefine((text, context) => {
    const parsed = parseComment(text)
    if (!parsed.ok) for (const problem of parsed.problems) context.addIssue(problem)
  })
  .optional()

/** Where in Pinpoint the id of a record is written. Undefined: nowhere. */
export const writeBackSchema = z
  .union(
    [
      z.enum(['externalReference', 'off']),
      z.strictObject({ customAttribute: z.string().trim().min(1).max(200) }),
    ],
    'must be externalReference, off, or customAttribute with the name of a custom field of applications',
  )
  .transform((place): WriteBack | undefined => {
    if (typeof place === 'object') return `${attributePrefix}${place.customAttribute}`
    return place === 'off' ? undefined : place
  })
  .optional()

const attributePrefix = 'customAttribute:'

/** As it is stored. */
export type WriteBack = 'externalReference' | `${typeof attributePrefix}${string}`

/** The name of the custom field. Undefined: it is not written into one. */
export function attributeOf(writeBack: WriteBack | undefined): string | undefined {
  return writeBack?.startsWith(attributePrefix) === true ? writeBack.slice(attributePrefix.length) : undefined
}

/** `Record created with ID: 33`: by it the service knows its own comment again, whatever stands below. */
const sentence = 'record'

export const ofRecord = [sentence, 'record.id', 'record.url', 'integration.title'] as const

/**
 * What says something of the organisation and costs no call. Pinpoint mails a comment to people, so it says nothing more of the person
 * than the record's id.
 */
function mayStandIn({ organisational, needs }: Source): boolean {
  return organisational && needs === undefined
}

const ids = [...ofRecord, ...sources.filter(mayStandIn).map(({ id }) => id)]

function problemOf(source: string): string | undefined {
  if (ids.includes(source)) return undefined
  const known = sourceNamed(source)
  if (known === undefined) return unknownSource(source, ids)
  return known.organisational
    ? `cannot use ${source}, which does not come along with every hire`
    : `cannot use ${source}: Pinpoint mails comments to people, so they say nothing of the person`
}

/** What stands below the first line. */
export function parseComment(text: string): Parsed<readonly Part[]> {
  const parsed = parseTemplate(text, problemOf)
  if (!parsed.ok) return parsed
  const [first, next = '\n', ...others] = parsed.value
  const isSentence = typeof first === 'object' && first.source === sentence && first.filters.length === 0
  const rest = typeof next === 'string' ? /^[ \t]*\r?\n(.*)$/s.exec(next)?.[1] : undefined
  if (isSentence && rest !== undefined)
    return { ok: true, value: [...(rest === '' ? [] : [rest]), ...others] }
  return {
    ok: false,
    problems: [`needs {${sentence}} alone on its first line: by it the service knows its own comment again`],
  }
}
