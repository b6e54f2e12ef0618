/** An application as Pinpoint shows it. What was not asked for says so instead of being empty. */
import type { Json } from '../../src/base/json.ts'
import { notIncluded, type Resource, timestamp } from './answers.ts'
import type { Application } from './application.ts'
import type { Comment } from './comment-store.ts'
import { basicTypes } from './seed.ts'

export interface Asked {
  readonly includes: readonly string[]
  /** Names of `extra_fields[applications]`. */
  readonly extra: readonly string[]
  /** Names of `fields[applications]`. Undefined: all. */
  readonly fields: readonly string[] | undefined
  /** The origin that attachments are linked on: never the one of the API. */
  readonly fileUrl: (application: Application, filename: string) => string
  /** Whether `external_system_reference` is shown. */
  readonly references: boolean
  /** Those on an application, and those of them that come along with it. */
  readonly comments: (application: Application) => {
    readonly comments: readonly Comment[]
    readonly along: readonly Comment[]
  }
}

export function applicationResource(application: Application, asked: Asked): Resource {
  const named = (name: string, data: Json): Json => (isAsked(asked, name) ? { data } : notIncluded)
  const { offers, customAttributes, job, onboardingStartAt } = application
  return {
    id: application.id,
    type: 'applications',
    attributes: only(asked.fields, {
      ...attributes(application),
      ...(asked.references && { external_system_reference: application.externalSystemReference }),
      ...extras(application, asked),
    }),
    relationships: {
      job: named('job', { type: 'jobs', id: job.id }),
      stage: named('stage', { type: 'stages', id: stageId(application) }),
      onboarding_application: named(
        'onboarding_application',
        onboardingStartAt === undefined
          ? null
          : { type: 'onboarding_applications', id: `${application.id}9` },
      ),
      offers: named(
        'offers',
        offers.map(({ id }) => ({ type: 'offers', id })),
      ),
      ...(isAsked(asked, 'candidate') && {
        candidate: named('candidate', { type: 'candidates', id: `${application.id}6` }),
      }),
      answers: named('answers', []),
      custom_attributes: named(
        'custom_attributes',
        Object.keys(customAttributes).map((_, at) => ({
          type: 'custom_attributes',
          id: `${application.id}${at}`,
        })),
      ),
      scorecard_ratings: notIncluded,
      scorecard_notes: notIncluded,
      scorecard_answers: notIncluded,
      comments: named(
        'comments',
        asked.comments(application).comments.map(({ id }) => ({ type: 'comments', id })),
      ),
    },
  }
}

/** https://jsonapi.org/format/#fetching-sparse-fieldsets */
function only(fields: Asked['fields'], all: Resource['attributes']): Resource['attributes'] {
  return Object.fromEntries(Object.entries(all).filter(([name]) => fields?.includes(name) ?? true))
}

/** `offers.manager` asks for `offers` too. */
export function isAsked(asked: Pick<Asked, 'includes'>, name: string): boolean {
  return asked.includes.some((path) => path === name || path.startsWith(`${name}.`))
}

/** Stages belong to jobs: each job has one of every basic type. */
export function stageId(application: Application): string {
  return `${application.job.id}${basicTypes.indexOf(application.stage)}`
}

function attributes(application: Application): Resource['attributes'] {
  const hidden = application.concealed
  const shown = (value: string | null): string | null => (hidden ? 'Concealed' : value)
  return {
    created_at: timestamp(application.createdAt),
    updated_at: timestamp(application.updatedAt),
    hired_at: application.hiredAt === null ? null : timestamp(new Date(application.hiredAt)),
    internal_candidate: application.internalCandidate,
    job_id: application.job.id,
    locale: 'en',
    stage_id: stageId(application),
    rejected_at: application.stage === 'rejected' ? timestamp(application.updatedAt) : null,
    phone_iso2: 'US',
    start_on: application.startOn,
    is_demo: application.isDemo,
    first_name: shown(application.firstName),
    last_name: shown(application.lastName),
    ...(application.preferredName !== null && { preferred_name: shown(application.preferredName) }),
    email: hidden ? 'concealed@example.com' : application.email,
    phone: shown(application.phone),
    date_of_birth: null,
    linkedin_url: null,
    summary: null,
    address1: hidden ? null : '1 Example Street',
    address2: null,
    town: hidden ? null : 'Exampletown',
    country: application.country,
    postcode: null,
    preferred_pronouns: null,
    channel_source: 'Careers site',
    full_name: shown(`${application.firstName} ${application.lastName}`),
    national_identifier: null,
    channel: hidden ? 'Hidden due to blind screening' : 'direct',
    concealed: hidden,
    ...(hidden ? {} : application.attributes),
  }
}

/** A forgotten or wrongly scoped `extra_fields` is no error: the field is just not there. */
function extras(application: Application, asked: Asked): Record<string, Json> {
  const { cv } = application
  const attachments = (cv?.contexts ?? []).map((context) => {
    const filename = cv?.filename ?? ''
    return { context, filename, url: asked.fileUrl(application, filename) }
  })
  return {
    ...(asked.extra.includes('attachments') && {
      attachments: [...application.oddAttachments, ...attachments],
    }),
    ...(asked.extra.includes('average_rating') && { average_rating: null }),
    ...(asked.extra.includes('tags') && { tags: [] }),
  }
}
