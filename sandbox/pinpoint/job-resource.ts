/** A job as Pinpoint shows it, with its location and department when asked for. */
import type { Json } from '../../src/base/json.ts'
import { notIncluded, type Resource, timestamp } from './answers.ts'
import type { Job, Place } from './application.ts'
import { attributesIn, referencesTo, userResource } from './custom-attributes.ts'

/** https://developers.pinpointhq.com/reference/get-jobs-id */
export const jobIncludes = [
  'custom_attributes',
  'department',
  'division',
  'hiring_manager_user',
  'location',
  'questions',
  'recruitment_manager_user',
  'stages',
  'structure_custom_group_one',
] as const

export function jobResource(job: Job, includes: readonly string[]): Resource {
  const one = (name: string, type: string, place: Place | undefined): Json => {
    if (!includes.includes(name)) return notIncluded
    return { data: place ? { type, id: place.id } : null }
  }
  const many = (name: string): Json => (includes.includes(name) ? { data: [] } : notIncluded)
  return {
    id: job.id,
    type: 'jobs',
    attributes: jobAttributes(job),
    relationships: {
      department: one('department', 'departments', job.department),
      division: one('division', 'divisions', job.division),
      location: one('location', 'locations', job.location),
      structure_custom_group_one: one('structure_custom_group_one', 'structure_custom_group_ones', undefined),
      hiring_manager_user: includes.includes('hiring_manager_user')
        ? {
            data: job.hiringManager
              ? { type: 'users', id: userResource(job.id, job.hiringManager).id }
              : null,
          }
        : notIncluded,
      recruitment_manager_user: one('recruitment_manager_user', 'users', undefined),
      applications: notIncluded,
      questions: many('questions'),
      custom_attributes: includes.includes('custom_attributes')
        ? { data: referencesTo(`${job.id}8`, job.customAttributes) }
        : notIncluded,
      stages: many('stages'),
    },
  }
}

export function jobIncluded(job: Job, includes: readonly string[]): readonly Resource[] {
  const at = timestamp(job.createdAt)
  const found: Resource[] = []
  if (job.location && includes.includes('location')) {
    const { id, name } = job.location
    const city = name.replace(/ \(.*\)$/, '')
    const address = {
      city,
      country_code: 'US',
      postal_code: '00000',
      province: null,
      street_address: '1 Example Street',
    }
    found.push({ id, type: 'locations', attributes: { ...address, name, created_at: at, updated_at: at } })
  }
  if (job.department && includes.includes('department')) {
    const { id, name } = job.department
    found.push({ id, type: 'departments', attributes: { name, created_at: at, updated_at: at } })
  }
  if (job.division && includes.includes('division')) {
    const { id, name } = job.division
    found.push({ id, type: 'divisions', attributes: { name, created_at: at, updated_at: at } })
  }
  if (job.hiringManager && includes.includes('hiring_manager_user'))
    found.push(userResource(job.id, job.hiringManager))
  if (includes.includes('custom_attributes'))
    found.push(...attributesIn(`${job.id}8`, job.customAttributes, job.createdAt))
  return found
}

function jobAttributes(job: Job): Resource['attributes'] {
  const at = timestamp(job.createdAt)
  const path = `/en/jobs/${job.id}`
  const url = `https://${job.tenant}.pinpointhq.com${path}`
  return {
    created_at: at,
    updated_at: at,
    application_form_url: `${url}/applications/new`,
    benefits: null,
    benefits_header: 'Benefits',
    compensation: null,
    compensation_minimum: null,
    compensation_maximum: null,
    compensation_currency: 'USD',
    compensation_frequency: 'year',
    compensation_visible: false,
    deadline_at: null,
    description: '<div>An invented job.</div>',
    employment_type: 'full_time',
    employment_type_text: 'Full Time',
    key_responsibilities: null,
    key_responsibilities_header: 'Key Responsibilities',
    opened_at: at,
    remote: false,
    reporting_to: null,
    requisition_id: null,
    skills_knowledge_expertise: null,
    skills_knowledge_expertise_header: 'Skills, Knowledge and Expertise',
    status: job.status,
    title: job.title,
    visibility: job.visibility,
    url,
    path,
    workplace_type: 'onsite',
    workplace_type_text: 'Onsite',
  }
}
