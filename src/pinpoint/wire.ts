/**
 * The few fields of Pinpoint's JSON:API answers that we read, as leniently as they vary: unknown keys are ignored, ids may be
 * numbers, what has a shape that we do not know counts as absent. Only what we cannot do without (whom it is about, and the text
 * of a comment, by which we know our own) makes an answer unreadable: a strange one is never taken for an empty one.
 */
import { z } from 'zod'

import { visibleAddress, visibleLine } from '../base/plain-text.ts'
import { isRecord } from '../base/refusal.ts'

/** Whatever stands there, and nothing as well. */
const anything = z.unknown().optional()

/** What the schema makes of a value; undefined where that has another shape. */
function orAbsent<T extends z.ZodType>(schema: T) {
  return anything.transform((value): z.output<T> | undefined => schema.safeParse(value).data)
}

/** Of a resource, and beside one. To look through far more would keep the process from everything else. */
const mostOfList = 1000

/** More came along than is looked through: the answer cannot be read. */
export function hasTooMany(json: unknown): boolean {
  const included = isRecord(json) ? json['included'] : undefined
  return Array.isArray(included) && included.length > mostOfList
}

/** A list with what of it can be read; of one thing alone, a list of it. */
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

/** Told without a schema, which takes its time to say what is wrong. */
function isNothing(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0
}

export const id = z.union([z.string().trim().min(1).max(200), z.int()]).transform(String)
const optionalId = orAbsent(id)
const written = z.union([z.string(), z.number().transform(String)])
/** Several lines, as they were written. */
const text = orAbsent(written).transform((value) => value?.trim() || undefined)
/** No name, title or day is longer: the rest of a longer text is not even looked at. */
const mostOfLine = 2000
/** A name, a title, a day. */
const line = text.transform((value) => value && visibleLine(value.slice(0, mostOfLine)))
/** Cut, it could be somebody else's. */
const address = text.transform((value) =>
  value && value.length <= mostOfLine ? visibleAddress(value) : undefined,
)
/** What holds a hire back counts unless Pinpoint says no. */
const unlessDenied = anything.transform((value) => Boolean(value) && value !== 'false' && value !== '0')
/** What lets something pass that would not otherwise counts only when Pinpoint says so. */
const onlyIfSaid = anything.transform((value) => value === true || value === 'true')
const members = orAbsent(z.record(z.string(), z.unknown())).transform((value) => value ?? {})

const reference = z.object({ id })

/** No `data`: the relationship was not included, which says nothing about whether it is empty. Null: it is. */
const relationship = z.object({
  data: orAbsent(
    z.union([z.null(), reference, z.array(z.unknown()).transform((all) => readable(reference).parse(all))]),
  ),
})

/** A resource has some ten relationships. */
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
/** Pinpoint lists a thousand at most. */
const mostListed = 2000

export const manyResources = z.object({
  data: z.union([
    // The elements of a longer list are not looked at.
    z
      .array(z.unknown())
      .max(mostListed)
      .pipe(z.array(resource.nullable()))
      .transform((all) => all.filter((one) => one !== null)),
    resource.transform((only) => [only]),
  ]),
  /** How many match on all pages, where Pinpoint counts them. */
  meta: orAbsent(z.object({ stats: z.object({ total: z.object({ count: z.int() }) }) })),
  included: readable(resource, 4 * mostListed),
})

export const attachment = z.object({
  context: z.string().trim().min(1),
  filename: text,
  /** Null while there is no file: the PDF that has yet to be made. */
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
  linkedin_url: line,
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

/** Null: there is none. Undefined: it is not shown, which is not the same. */
export const referenceAttributes = z.object({
  external_system_reference: orAbsent(z.union([written, z.null()])).transform((value) =>
    value?.trim() === '' ? null : value,
  ),
})

const instant = z
  .string()
  .refine((value) => !Number.isNaN(Date.parse(value)))
  .transform((value) => new Date(value))

/** Without `updated_at` a list has no order, so it is required. */
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

/** Values are texts, numbers, yes and no, lists of these, or objects. */
const customValue = z.union([
  written,
  z.boolean().transform(String),
  z.array(z.union([written, z.boolean().transform(String)])).transform((all) => all.join(', ')),
  z.record(z.string(), z.unknown()).transform((value) => JSON.stringify(value)),
])
const shortAnswer = orAbsent(customValue).transform((value) => value?.trim() || undefined)
export const customFieldAttributes = z.object({ name: line, resource_type: line })
export const customAttribute = z.object({
  field_name: line,
  value: shortAnswer,
})

export const offerAttributes = z.object({
  result: line,
  result_at: line,
  job_title: line,
  start_on: line,
  salary_amount: line,
  salary_currency: line,
  salary_period: line,
})

export const onboardingAttributes = z.object({ start_at: line })

/** Its kind decides under which of these names the answer stands. */
export const answerAttributes = z.object({
  title: line,
  text_answer: shortAnswer,
  date_answer: shortAnswer,
  boolean_answer: shortAnswer,
  multiple_choice_answer: shortAnswer,
  url_answer: shortAnswer,
})
