/** The resources that come along with an application: stage, offers, custom attributes, onboarding, job. */
import type { Json } from '../../src/base/json.ts'
import { notIncluded, type Resource, timestamp } from './answers.ts'
import type { Application, Offer } from './application.ts'
import { type Asked, isAsked, stageId } from './application-resource.ts'
import { commentResource } from './comment-resource.ts'
import { jobIncluded, jobResource } from './job-resource.ts'
import { basicTypes } from './seed.ts'

export function applicationIncluded(application: Application, asked: Asked): readonly Resource[] {
  const nested = asked.includes
    .filter((path) => path.startsWith('job.'))
    .map((path) => path.slice('job.'.length))
  const parts: readonly [string, () => readonly Resource[]][] = [
    ['job', () => [jobResource(application.job, nested), ...jobIncluded(application.job, nested)]],
    ['stage', () => [stage(application)]],
    ['offers', () => application.offers.map((one) => offer(application, one, asked))],
    ['custom_attributes', () => customAttributes(application)],
    ['onboarding_application', () => onboarding(application)],
    ['comments', () => asked.comments(application).along.map((one) => commentResource(one, []))],
  ]
  return parts.flatMap(([name, make]) => (isAsked(asked, name) ? make() : []))
}

function stage(application: Application): Resource {
  const name = application.stage.charAt(0).toUpperCase() + application.stage.slice(1)
  const position = basicTypes.indexOf(application.stage) + 1
  return {
    id: stageId(application),
    type: 'stages',
    attributes: {
      name,
      external_name: name,
      description: null,
      visible: true,
      position,
      basic_type: application.stage,
    },
    relationships: {},
  }
}

function offer(application: Application, one: Offer, asked: Asked): Resource {
  const at = timestamp(application.createdAt)
  const related = (name: string, data: Json): Json =>
    isAsked(asked, `offers.${name}`) ? { data } : notIncluded
  return {
    id: one.id,
    type: 'offers',
    attributes: {
      application_id: application.id,
      comment: null,
      created_at: at,
      creator_id: '95001',
      expires_at: null,
      job_title: one.jobTitle ?? application.job.title,
      manager_id: null,
      paid_days_off: null,
      result: one.result,
      result_at:
        one.result === 'pending'
          ? null
          : timestamp(one.resultAt ? new Date(one.resultAt) : application.createdAt),
      salary_amount: one.salary?.amount ?? null,
      salary_currency: one.salary?.currency ?? null,
      salary_period: one.salary?.period ?? null,
      sent_at: at,
      signature_type: 'not_required',
      stage_id: stageId(application),
      start_on: one.startOn,
      status: 'open',
      updated_at: at,
      work_address: null,
    },
    relationships: {
      creator: related('creator', null),
      manager: related('manager', null),
      stage: related('stage', null),
      custom_attributes: related('custom_attributes', []),
    },
  }
}

function customAttributes(application: Application): readonly Resource[] {
  const at = timestamp(application.createdAt)
  return Object.entries(application.customAttributes).map(([name, value], index) => ({
    id: `${application.id}${index}`,
    type: 'custom_attributes',
    attributes: { value, field_name: name, created_at: at, updated_at: at },
    relationships: { custom_fields: notIncluded, custom_attributable: notIncluded },
  }))
}

function onboarding(application: Application): readonly Resource[] {
  if (application.onboardingStartAt === undefined) return []
  const at = timestamp(application.createdAt)
  const start = timestamp(new Date(application.onboardingStartAt))
  return [
    {
      id: `${application.id}9`,
      type: 'onboarding_applications',
      attributes: { status: 'not_started', start_at: start, created_at: at, updated_at: at },
      relationships: { application: notIncluded, onboarding_answers: notIncluded },
    },
  ]
}
