/**
 * The few fields of Pinpoint's JSON:API answers that we read, as leniently as they vary: unknown keys are ignored, ids
 * may be numbers, null means absent. What we cannot do without is required, so that a strange answer is never "empty".
 */
import { z } from 'zod'

const id = z.union([z.string().min(1), z.number().int()]).transform(String)
const text = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .transform((value) => value?.trim() || undefined)
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false)
const optionalId = id.nullish().transform((value) => value ?? undefined)

const reference = z.object({ id })

/** No `data`: the relationship was not included, which says nothing about whether it is empty. */
const relationship = z.object({ data: z.union([reference, z.array(reference)]).nullish() }).optional()
export type Relationship = z.output<typeof relationship>

const resource = z.object({
  id,
  type: z.string(),
  attributes: z.record(z.string(), z.unknown()).default({}),
  relationships: z.record(z.string(), relationship).default({}),
})
export type Resource = z.output<typeof resource>

const included = z
  .array(resource)
  .nullish()
  .transform((value) => value ?? [])

export const oneResource = z.object({ data: resource, included })
export const manyResources = z.object({ data: z.array(resource), included })

export const applicationAttributes = z.object({
  first_name: text,
  last_name: text,
  email: text,
  phone: text,
  start_on: text,
  hired_at: text,
  rejected_at: text,
  updated_at: text,
  concealed: flag,
  internal_candidate: flag,
  job_id: optionalId,
  stage_id: optionalId,
  attachments: z
    .array(z.object({ context: z.string(), filename: z.string().nullish(), url: z.string().nullish() }))
    .nullish(),
})

const instant = z
  .string()
  .refine((value) => !Number.isNaN(Date.parse(value)))
  .transform((value) => new Date(value))

/** Without `updated_at` a list has no order, so it is required. */
export const hireAttributes = z.object({
  hired_at: instant.nullish().transform((value) => value ?? undefined),
  updated_at: instant,
  job_id: optionalId,
  stage_id: optionalId,
})

export const jobAttributes = z.object({ title: text, visibility: text })
export const stageAttributes = z.object({ basic_type: text })
export const namedAttributes = z.object({ name: text })
export const customAttribute = z.object({ field_name: text, value: text })
export const commentAttributes = z.object({ body_text: z.string().nullish(), commentable_id: optionalId })

export const offerAttributes = z.object({
  result: text,
  result_at: text,
  job_title: text,
  start_on: text,
})
