/** Pinpoint's answer → the application as integrations see it. */
import type { HiredApplication, Job, Offer } from './hired-application.ts'
import {
  applicationAttributes,
  customAttribute,
  jobAttributes,
  manyResources,
  namedAttributes,
  offerAttributes,
  oneResource,
  type Resource,
  stageAttributes,
} from './wire.ts'

/** Throws a ZodError when the answer is none that we can read; so does `readJob`. */
export function readApplication(json: unknown): HiredApplication {
  return readWithJob(json).application
}

/** `hasWholeJob`: location and department came along as well, so that the job need not be read by itself. */
export function readWithJob(json: unknown): {
  readonly application: HiredApplication
  readonly hasWholeJob: boolean
} {
  const { data, included } = oneResource.parse(json)
  const fields = applicationAttributes.parse(data.attributes)
  const job = relatedOne(data, 'job', { included, type: 'jobs', id: fields.job_id })
  const stage = relatedOne(data, 'stage', { included, type: 'stages', id: fields.stage_id })
  const hasWholeJob =
    job !== undefined && isShown(job, 'location', included) && isShown(job, 'department', included)
  const application = {
    id: data.id,
    firstName: fields.first_name,
    middleName: fields.middle_name,
    lastName: fields.last_name,
    preferredName: fields.preferred_name,
    email: fields.email,
    phone: fields.phone,
    startOn: fields.start_on,
    hiredAt: fields.hired_at,
    rejectedAt: fields.rejected_at,
    updatedAt: fields.updated_at,
    concealed: fields.concealed,
    internalCandidate: fields.internal_candidate,
    isDemo: fields.is_demo,
    jobId: fields.job_id ?? job?.id,
    stageType: stage && stageAttributes.parse(stage.attributes).basic_type,
    attachments: fields.attachments.map(({ filename = '', ...one }) => ({ ...one, filename })),
    offers: relatedMany(data, 'offers', included)?.map(readOffer),
    customAttributes: readCustomAttributes(relatedMany(data, 'custom_attributes', included) ?? []),
    job: job && toJob(job, included),
  }
  return { application, hasWholeJob }
}

/** That there is none is shown as well. What is missing from the answer is not "none", and neither is what it only refers to. */
function isShown(
  { relationships }: Resource,
  name: 'location' | 'department',
  included: readonly Resource[],
): boolean {
  const related = relationships[name]?.data
  if (related === undefined) return false
  const references = related === null ? [] : 'id' in related ? [related] : related
  return references.every(({ id }) => included.some((one) => one.type === `${name}s` && one.id === id))
}

export function readJob(json: unknown): Job {
  const { data, included } = oneResource.parse(json)
  return toJob(data, included)
}

export function readJobs(json: unknown): {
  readonly jobs: readonly Job[]
  readonly total: number | undefined
} {
  const { data, included, meta } = manyResources.parse(json)
  return { jobs: data.map((job) => toJob(job, included)), total: meta?.stats.total.count }
}

function toJob(data: Resource, included: readonly Resource[]): Job {
  const { title, visibility } = jobAttributes.parse(data.attributes)
  return {
    id: data.id,
    title,
    visibility,
    location: nameOf(relatedOne(data, 'location', { included, type: 'locations' })),
    department: nameOf(relatedOne(data, 'department', { included, type: 'departments' })),
  }
}

function readOffer({ id, attributes }: Resource): Offer {
  const { result, result_at, job_title, start_on } = offerAttributes.parse(attributes)
  return { id, result, resultAt: result_at, jobTitle: job_title, startOn: start_on }
}

function readCustomAttributes(resources: readonly Resource[]): Readonly<Record<string, string>> {
  const entries = resources.map(({ attributes }) => customAttribute.parse(attributes))
  return Object.fromEntries(
    entries.flatMap(({ field_name, value }) =>
      field_name === undefined || value === undefined ? [] : [[field_name, value]],
    ),
  )
}

function nameOf(resource: Resource | undefined): string | undefined {
  return resource && namedAttributes.parse(resource.attributes).name
}

function relatedOne(
  { relationships }: Resource,
  name: string,
  {
    included,
    type,
    id,
  }: { readonly included: readonly Resource[]; readonly type: string; readonly id?: string | undefined },
): Resource | undefined {
  const [related] = referencesIn(relationships, name) ?? []
  const wanted = related?.id ?? id
  return included.find((resource) => resource.type === type && resource.id === wanted)
}

/** Undefined when the relationship was not included. */
function relatedMany(
  { relationships }: Resource,
  name: string,
  included: readonly Resource[],
): readonly Resource[] | undefined {
  const related = referencesIn(relationships, name)
  if (related === undefined) return undefined
  const wanted = new Set(related.map(({ id }) => id))
  return included.filter(({ type, id }) => type === name && wanted.has(id))
}

/** One alone and a list of one are the same. */
function referencesIn(
  relationships: Resource['relationships'],
  name: string,
): readonly { readonly id: string }[] | undefined {
  const related = relationships[name]?.data ?? undefined
  return related !== undefined && 'id' in related ? [related] : related
}
