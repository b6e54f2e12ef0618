/** A hire in Pinpoint → an employee for HiBob. What HiBob demands and nobody has said is reported, never guessed. */
import {
  acceptedOffer,
  type Complete,
  complete,
  entryOf,
  type HiredApplication,
  type Json,
  NeedsPerson,
  tidy,
} from '../../sdk/index.ts'
import { plainEmail } from './folded.ts'
import type { Settings } from './settings.ts'
import { startDateOf } from './start-date.ts'

/** The five values without which HiBob refuses an employee. */
export interface NewHire {
  readonly firstName: string
  readonly surname: string
  readonly email: string
  readonly startDate: string
  readonly site: string
}

/** What HiBob is given. */
export interface EmployeeBody extends NewHire {
  readonly title: string | undefined
  readonly department: string | undefined
  /** Beside `email`, which is the login and which a company may change. */
  readonly privateEmail: string | undefined
  /** HiBob's id of a field → its value: what a mapping adds. */
  readonly more?: Readonly<Record<string, Json>>
  /** Not sent: whose values stand in no reason, because a mapping makes them of something personal. */
  readonly untold?: Untold | undefined
}

export type Untold = Readonly<Partial<Record<'site' | 'title' | 'department', boolean>>>

/** A field that every hire has. */
export type Field = Exclude<keyof EmployeeBody, 'more' | 'untold'>

type Rules = Pick<Settings, 'site' | 'sites' | 'startDateRule'> & {
  /** The tenant's. */
  readonly timeZone?: string | undefined
}

export function toNewHire(hire: HiredApplication, settings: Rules, triggeredAt: Date): Complete<NewHire> {
  return complete<NewHire>({
    firstName: tidy(hire.firstName),
    surname: tidy(hire.lastName),
    email: (hire.email && plainEmail(hire.email)) || undefined,
    startDate: startDateOf(hire, ruleOf(settings), triggeredAt),
    site: siteOf(hire, settings),
  })
}

function ruleOf({ startDateRule, timeZone }: Rules) {
  return startDateRule === 'park' ? startDateRule : { ...startDateRule, timeZone }
}

export function titleOf(hire: Pick<HiredApplication, 'offers' | 'job'>): string | undefined {
  return tidy(acceptedOffer(hire.offers)?.jobTitle) ?? tidy(hire.job?.title)
}

export function departmentOf(hire: Pick<HiredApplication, 'job'>): string | undefined {
  return tidy(hire.job?.department)
}

/** A department that could not be read is not the same as none: it is left out, and said. */
export function jobUnread({ jobRefused }: HiredApplication) {
  if (jobRefused === undefined) return []
  const message = `${jobNotShown(jobRefused)}, so the department was left out. Give the key the permission to read jobs.`
  return [{ code: 'hibob.job_unread', message }]
}

/** With `sites`, the location of a job that Pinpoint does not show may well be one of them: `site` would be a guess. */
export function siteOf(
  { job, jobRefused }: Pick<HiredApplication, 'job' | 'jobRefused'>,
  { site, sites }: Pick<Rules, 'site' | 'sites'>,
): string | undefined {
  const location = tidy(job?.location)
  if (location === undefined && jobRefused !== undefined && Object.keys(sites).length > 0) return undefined
  const mapped = location === undefined ? undefined : entryOf(Object.entries(sites), location)
  return mapped?.[1] ?? site ?? location
}

/** As people call them. */
export const fieldTitles: Readonly<Record<Field, string>> = {
  firstName: 'first name',
  surname: 'last name',
  email: 'e-mail address',
  startDate: 'start date',
  site: 'site',
  title: 'title',
  department: 'department',
  privateEmail: 'personal e-mail',
}

/** As HiBob calls them. https://apidocs.hibob.com/reference/get_company-people-fields */
export const fieldIds: Readonly<Record<Field, string>> = {
  firstName: 'root.firstName',
  surname: 'root.surname',
  email: 'root.email',
  startDate: 'work.startDate',
  site: 'work.site',
  title: 'work.title',
  department: 'work.department',
  privateEmail: 'home.privateEmail',
}

/** A person, and not a value. */
export const managerField = 'work.reportsTo'

export const whereToSet: Readonly<Record<keyof NewHire, string>> = {
  firstName: 'the first name on the application in Pinpoint',
  surname: 'the last name on the application in Pinpoint',
  email: 'the e-mail address on the application in Pinpoint',
  startDate: 'the start date on the accepted offer in Pinpoint (or on the application), as a day that exists',
  site: 'the location of the job in Pinpoint, or `site` in the settings of the connection',
}

/** Of a job that Pinpoint does not show. */
const whereToSetHiddenSite =
  'the permission to read jobs (Job: Read) of the API key in Pinpoint, or `site` without `sites` in the settings of the connection'

/** The job is asked for apart from the application, with a permission of its own. */
function jobNotShown(status: number): string {
  return `Pinpoint does not show the job to this API key (${status})`
}

export function incomplete(
  { id, jobRefused }: Pick<HiredApplication, 'id' | 'jobRefused'>,
  missing: readonly (keyof NewHire)[],
): NeedsPerson {
  const hidden = missing.includes('site') ? jobRefused : undefined
  const because = hidden === undefined ? '' : ` ${jobNotShown(hidden)}, so its location is not known.`
  const where = hidden === undefined ? whereToSet : { ...whereToSet, site: whereToSetHiddenSite }
  return new NeedsPerson(
    'hibob.hire_incomplete',
    `Application ${id} is missing ${missing.length === 1 ? 'a field' : 'fields'} that HiBob requires: ${missing.map((field) => fieldTitles[field]).join(', ')}.${because}`,
    {
      details: { missing, ...(hidden !== undefined && { jobStatus: hidden }) },
      fix: `Set ${missing.map((field) => where[field]).join('; ')}. The run then resumes automatically.`,
      resumesOn: missing.includes('site') ? 'connection' : 'record',
      watches: ['record'],
    },
  )
}
