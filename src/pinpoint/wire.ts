/**
 * Schemas of the fields that we read from Pinpoint's JSON:API answers. They are lenient: unknown keys are ignored, ids may be
 * numbers, and a value of an unknown shape counts as absent. Only essential fields (ids, and the text of a comment, which
 * identifies our own) make an answer unreadable: a malformed answer is never mistaken for an empty one.
 */
import { z } from 'zod'

import { visibleAddress, visibleLine } from '../base/plain-text.ts'
import { isRecord } from '../base/refusal.ts'

/** Any value, or none. */
const anything = z.unknown().optional()

/** The parsed value, or undefined if it does not match the schema. */
function orAbsent<T extends z.ZodType>(schema: T) {
  return anything.transform((value): z.output<T> | undefined => schema.safeParse(value).data)
}

/** Limit for lists inside a resource and for `included`, since parsing far more would block the event loop. */
const mostOfList = 1000

/** True if `included` exceeds the limit, which makes the answer unreadable. */
export function hasTooMany(json: unknown): boolean {
  const included = isRecord(json) ? json['included'] : undefined
  return Array.isArray(included) && included.length > mostOfList
}

/** The elements of a list that can be parsed. A single value counts as a list of one. */
function readable<T extends z.ZodType>(element: T, most = mostOfList) {
  return anything.transform((value, context): readonly z.output<T>[] => {
    const all: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (all.length > most) {
      context.addIssue(`has more than ${most} entries`)
      return z.NEVER
    }
    return all.flatMap((one) => {
      if (isNothing(one)) return []
      const parsed = element.safeParse(one)
      return parsed.success ? [parsed.data] : []
    })
  })
}

/** Checked without a schema: building Zod's error for each empty element is slow. */
function isNothing(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0
}

export const id = z.union([z.string().trim().min(1).max(200), z.int()]).transform(String)
const optionalId = orAbsent(id)
/** A whole number of more digits than JavaScript holds has lost some, and is another one. */
const number = z.number().refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value))
const written = z.union([z.string(), number.transform(String)])
/** Text of several lines, unchanged but for outer whitespace. */
const text = orAbsent(written).transform((value) => value?.trim() || undefined)
/** Longer than any name, title or date; the rest of a longer text is cut off. */
const mostOfLine = 2000
/** A single line, such as a name, a title or a date. */
const line = text.transform((value) => value && visibleLine(value.slice(0, mostOfLine)))
/** Dropped if it is too long: a truncated address, of whichever kind, could be another person's. */
const address = text.transform((value) =>
  value && value.length <= mostOfLine ? visibleAddress(value) : undefined,
)
/** For flags that hold a hire back: set unless Pinpoint clearly denies it. */
const unlessDenied = anything.transform((value) => Boolean(value) && value !== 'false' && value !== '0')
/** For flags that let a hire through: set only if Pinpoint clearly says so. */
const onlyIfSaid = anything.transform((value) => value === true || value === 'true')
const members = orAbsent(z.record(z.string(), z.unknown())).transform((value) => value ?? {})

const reference = z.object({ id })

/** Without `data` the relationship was not included, so it is unknown whether it is empty. Null means empty. */
const relationship = z.object({
  data: orAbsent(
    z.union([z.null(), reference, z.array(z.unknown()).transform((all) => readable(reference).parse(all))]),
  ),
})

/** Guards against an endless list: a real resource has about ten relationships. */
function fewOf<T>(all: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).slice(0, 100))
}

const resource = z.object({
  id,
  type: orAbsent(z.string()),
  attributes: members,
  relationships: members.transform(fewOf).pipe(z.record(z.string(), orAbsent(relationship))),
})
export type Resource = z.output<typeof resource>

export const oneResource = z.object({
  data: z.union([resource, z.tuple([resource]).transform(([only]) => only)]),
  included: readable(resource),
})
/** Twice the largest page that Pinpoint gives. */
const mostListed = 2000

export const manyResources = z.object({
  data: z.union([
    // The length is checked first, so that the elements of a longer list are not parsed.
    z
      .array(z.unknown())
      .max(mostListed)
      .pipe(z.array(resource.nullable()))
      .transform((all) => all.filter((one) => one !== null)),
    resource.transform((only) => [only]),
  ]),
  /** Number of matches on all pages, if Pinpoint counts them. */
  meta: orAbsent(z.object({ stats: z.object({ total: z.object({ count: z.int() }) }) })),
  included: readable(resource, 4 * mostListed),
})

export const attachment = z.object({
  context: z.string().trim().min(1),
  filename: text,
  /** Null while Pinpoint is still producing the file, such as the PDF version of a CV. */
  url: text,
})

export const applicationAttributes = z.object({
  first_name: line,
  middle_name: line,
  last_name: line,
  preferred_name: line,
  email: address,
  phone: line,
  phone_iso2: line,
  address1: line,
  address2: line,
  town: line,
  postcode: line,
  state_province: line,
  country: line,
  country_code: line,
  linkedin_url: address,
  start_on: line,
  hired_at: line,
  rejected_at: line,
  updated_at: line,
  concealed: unlessDenied,
  internal_candidate: unlessDenied,
  is_demo: onlyIfSaid,
  job_id: optionalId,
  stage_id: optionalId,
  attachments: readable(attachment),
})

/** Null: no reference is set. Undefined: Pinpoint does not show it. */
export const referenceAttributes = z.object({
  external_system_reference: orAbsent(z.union([written, z.null()])).transform((value) =>
    value?.trim() === '' ? null : value,
  ),
})

const instant = z
  .string()
  .refine((value) => !Number.isNaN(Date.parse(value)))
  .transform((value) => new Date(value))

/** `updated_at` is required, since the list is ordered by it. */
export const hireAttributes = z.object({
  hired_at: orAbsent(instant),
  updated_at: instant,
  job_id: optionalId,
  stage_id: optionalId,
})

export const jobAttributes = z.object({
  title: line,
  visibility: line,
  employment_type: line,
  workplace_type: line,
})
export const userAttributes = z.object({ first_name: line, last_name: line, email: address })
export const stageAttributes = z.object({ basic_type: line.transform((value) => value?.toLowerCase()) })
export const namedAttributes = z.object({ name: line })
export const commentAttributes = z.object({ body_text: written.nullish(), commentable_id: optionalId })

/** Empty for what is empty, or nested beyond the stack. */
function jsonText(value: object): string {
  try {
    return isNothing(value) ? '' : JSON.stringify(value)
  } catch {
    return ''
  }
}

/** Values may be texts, numbers, booleans, lists of these, or objects. Of a list only what is empty is left out. */
const customValue = z.union([
  written,
  z.boolean().transform(String),
  z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]).transform(jsonText),
])
const oneAnswer = orAbsent(customValue).transform((value) => value?.trim() || undefined)
const shortAnswer = anything.transform((value): string | undefined =>
  Array.isArray(value)
    ? value.flatMap((one) => oneAnswer.parse(one) ?? []).join(', ') || undefined
    : oneAnswer.parse(value),
)
export const customFieldAttributes = z.object({ name: line, resource_type: line, field_type: line })
export const customAttribute = z.object({
  field_name: line,
  value: shortAnswer,
})

export const offerAttributes = z.object({
  application_id: optionalId,
  result: line,
  result_at: line,
  job_title: line,
  start_on: line,
  salary_amount: line,
  salary_currency: line,
  salary_period: line,
})

export const onboardingAttributes = z.object({ start_at: line })

/** Which of these members holds the answer depends on the type of the question. */
export const answerAttributes = z.object({
  title: line,
  text_answer: shortAnswer,
  date_answer: shortAnswer,
  boolean_answer: shortAnswer,
  multiple_choice_answer: shortAnswer,
  url_answer: shortAnswer,
})
