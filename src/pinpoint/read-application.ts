/** Converts Pinpoint's answers into the application and the job that integrations see. */
import type {
  CustomAttributes,
  HiredApplication,
  Job,
  Offer,
  Onboarding,
  PinpointUser,
} from './hired-application.ts'
import {
  answerAttributes,
  applicationAttributes,
  customAttribute,
  jobAttributes,
  manyResources,
  namedAttributes,
  offerAttributes,
  onboardingAttributes,
  oneResource,
  referenceAttributes,
  type Resource,
  stageAttributes,
  userAttributes,
} from './wire.ts'

/** Throws a ZodError if the answer is unreadable; `readJob` does, too. */
export function readApplication(json: unknown): HiredApplication {
  return readWithJob(json).application
}

/** `external_system_reference`. Null: not set. Undefined: Pinpoint does not show it. */
export type Reference = string | null | undefined

export function readReference(json: unknown): Reference {
  const { data } = oneResource.parse(json)
  return referenceAttributes.parse(data.attributes).external_system_reference
}

/** The value of the custom field with this name. Null: it has none. Undefined: Pinpoint does not show the attributes. */
export function attributeIn(attributes: CustomAttributes | undefined, name: string): Reference {
  return attributes && (Object.hasOwn(attributes, name) ? (attributes[name] ?? null) : null)
}

/** `hasWholeJob`: location and department were included, so the job need not be read separately. */
export function readWithJob(json: unknown): {
  readonly application: HiredApplication
  readonly hasWholeJob: boolean
  /** Undefined: Pinpoint does not show them. */
  readonly attributes: CustomAttributes | undefined
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
    phoneCountry: fields.phone_iso2,
    address: {
      line1: fields.address1,
      line2: fields.address2,
      town: fields.town,
      postcode: fields.postcode,
      state: fields.state_province,
      country: fields.country,
      countryCode: fields.country_code,
    },
    linkedinUrl: fields.linkedin_url,
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
    offers: relatedMany(data, 'offers', included)?.map((offer) => readOffer(offer, included)),
    customAttributes: customAttributesOf(data, included) ?? {},
    onboarding: onboardingOf(data, included),
    candidateAttributes: candidateAttributesOf(data, included),
    job: job && toJob(job, included),
  }
  return { application, hasWholeJob, attributes: customAttributesOf(data, included) }
}

/** True if the relationship is known: it is empty, or its resource is included. A missing relationship or a bare reference is not known. */
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
  const { title, visibility, employment_type, workplace_type } = jobAttributes.parse(data.attributes)
  return {
    id: data.id,
    title,
    visibility,
    location: nameOf(relatedOne(data, 'location', { included, type: 'locations' })),
    department: nameOf(relatedOne(data, 'department', { included, type: 'departments' })),
    employmentType: employment_type,
    workplaceType: workplace_type,
    division: nameOf(relatedOne(data, 'division', { included, type: 'divisions' })),
    hiringManager: userOf(relatedOne(data, 'hiring_manager_user', { included, type: 'users' })),
    customAttributes: customAttributesOf(data, included),
  }
}

export function readOffer(offer: Resource, included: readonly Resource[]): Offer {
  const { result, result_at, job_title, start_on, ...salary } = offerAttributes.parse(offer.attributes)
  return {
    id: offer.id,
    result,
    resultAt: result_at,
    jobTitle: job_title,
    startOn: start_on,
    salary: { amount: salary.salary_amount, currency: salary.salary_currency, period: salary.salary_period },
    manager: userOf(relatedOne(offer, 'manager', { included, type: 'users' })),
    customAttributes: customAttributesOf(offer, included),
  }
}

function onboardingOf(data: Resource, included: readonly Resource[]): Onboarding | undefined {
  const found = relatedOne(data, 'onboarding_application', { included, type: 'onboarding_applications' })
  if (found === undefined) return undefined
  const answers = (relatedMany(found, 'onboarding_answers', included) ?? []).map(({ attributes }) => {
    const { title, ...answer } = answerAttributes.parse(attributes)
    return [title, Object.values(answer).find((value) => value !== undefined)] as const
  })
  return { startAt: onboardingAttributes.parse(found.attributes).start_at, answers: named(answers) }
}

function candidateAttributesOf(data: Resource, included: readonly Resource[]): CustomAttributes | undefined {
  const candidate = relatedOne(data, 'candidate', { included, type: 'candidates' })
  return candidate && customAttributesOf(candidate, included)
}

function customAttributesOf(of: Resource, included: readonly Resource[]): CustomAttributes | undefined {
  const resources = relatedMany(of, 'custom_attributes', included)
  return (
    resources &&
    named(
      resources.map(({ attributes }) => {
        const { field_name, value } = customAttribute.parse(attributes)
        return [field_name, value] as const
      }),
    )
  )
}

/** Several values under one name are read as a list is. */
function named(entries: readonly (readonly [string | undefined, string | undefined])[]): CustomAttributes {
  const values = new Map<string, Set<string>>()
  for (const [name, value] of entries) {
    if (name === undefined || value === undefined) continue
    values.set(name, (values.get(name) ?? new Set()).add(value))
  }
  return Object.fromEntries([...values].map(([name, all]) => [name, [...all].join(', ')]))
}

function userOf(resource: Resource | undefined): PinpointUser | undefined {
  if (resource === undefined) return undefined
  const { first_name, last_name, email } = userAttributes.parse(resource.attributes)
  return { firstName: first_name, lastName: last_name, email }
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

/** Undefined if the relationship was not included. */
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

/** A single reference counts as a list of one. */
function referencesIn(
  relationships: Resource['relationships'],
  name: string,
): readonly { readonly id: string }[] | undefined {
  const related = relationships[name]?.data ?? undefined
  return related !== undefined && 'id' in related ? [related] : related
}
