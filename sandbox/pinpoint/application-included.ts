/** The resources that come along with an application: stage, offers, custom attributes, onboarding, job. */
import type { Json } from '../../src/base/json.ts'
import { notIncluded, type Resource, timestamp } from './answers.ts'
import type { Application, Offer } from './application.ts'
import { type Asked, isAsked, stageId } from './application-resource.ts'
import { commentResource } from './comment-resource.ts'
import { attributesIn, referencesTo, userResource } from './custom-attributes.ts'
import { jobIncluded, jobResource } from './job-resource.ts'
import { basicTypes } from './seed.ts'

export function applicationIncluded(application: Application, asked: Asked): readonly Resource[] {
  const nested = asked.includes
    .filter((path) => path.startsWith('job.'))
    .map((path) => path.slice('job.'.length))
  const parts: readonly [string, () => readonly Resource[]][] = [
    ['job', () => [jobResource(application.job, nested), ...jobIncluded(application.job, nested)]],
    ['stage', () => [stage(application)]],
    ['offers', () => application.offers.flatMap((one) => offerWithMore(application, one, asked))],
    [
      'custom_attributes',
      () => attributesIn(application.id, application.customAttributes, application.createdAt),
    ],
    ['candidate', () => candidate(application, asked)],
    ['onboarding_application', () => onboarding(application, asked)],
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

function offerWithMore(application: Application, one: Offer, asked: Asked): readonly Resource[] {
  const { id, manager, customAttributes = {} } = one
  return [
    offer(application, one, asked),
    ...(manager && isAsked(asked, 'offers.manager') ? [userResource(id, manager)] : []),
    ...(isAsked(asked, 'offers.custom_attributes')
      ? attributesIn(`${id}8`, customAttributes, application.createdAt)
      : []),
  ]
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
      manager: related(
        'manager',
        one.manager ? { type: 'users', id: userResource(one.id, one.manager).id } : null,
      ),
      stage: related('stage', null),
      custom_attributes: related('custom_attributes', referencesTo(`${one.id}8`, one.customAttributes ?? {})),
    },
  }
}

/** Each candidate has one application here. */
function candidate(application: Application, asked: Asked): readonly Resource[] {
  const of = `${application.id}6`
  const attributes = { first_name: application.firstName, last_name: application.lastName }
  const along = isAsked(asked, 'candidate.custom_attributes')
  return [
    {
      id: of,
      type: 'candidates',
      attributes,
      relationships: {
        custom_attributes: along ? { data: referencesTo(of, application.candidateAttributes) } : notIncluded,
      },
    },
    ...(along ? attributesIn(of, application.candidateAttributes, application.createdAt) : []),
  ]
}

function onboarding(application: Application, asked: Asked): readonly Resource[] {
  if (application.onboardingStartAt === undefined) return []
  const at = timestamp(application.createdAt)
  const start = application.onboardingStartAt
  const along = isAsked(asked, 'onboarding_application.onboarding_answers')
  const answers = Object.entries(application.onboardingAnswers).map(([title, text], index): Resource => ({
    id: `${application.id}5${index}`,
    type: 'onboarding_answers',
    attributes: { title, question_type: 'short_text', text_answer: text, date_answer: null },
    relationships: {},
  }))
  const references = answers.map(({ id, type }) => ({ id, type }))
  return [
    {
      id: `${application.id}9`,
      type: 'onboarding_applications',
      attributes: { status: 'not_started', start_at: start, created_at: at, updated_at: at },
      relationships: {
        application: notIncluded,
        onboarding_answers: along ? { data: references } : notIncluded,
      },
    },
    ...(along ? answers : []),
  ]
}
