/** What Pinpoint knows of a hire, as sources of a mapping: one list, from which reading, the command and the documentation are derived. */
import type { CustomAttributes, HiredApplication, PinpointUser } from '../pinpoint/hired-application.ts'
import type { Detail } from '../pinpoint/read-hire.ts'
import { acceptedOffer } from './accepted-offer.ts'
import { entryOf } from './same-text.ts'

export interface Hire {
  readonly application: HiredApplication
  /** When it happened, according to the webhook. */
  readonly triggeredAt?: Date | undefined
}

type Read = (hire: Hire) => string | undefined

export interface Source {
  readonly id: string
  readonly title: string
  readonly type: 'text' | 'date' | 'moment' | 'number' | 'boolean' | 'email'
  /** It says something of the organisation and nothing of the person, so that it may be told in reasons. */
  readonly organisational: boolean
  /** What Pinpoint has to be asked to send along for it. */
  readonly needs: Detail | undefined
  readonly read: Read
  /** Of a custom field: whose it is, and its name. */
  readonly custom?: { readonly owner: string; readonly name: string }
  /** Of which country a value is that does not say so itself, such as a phone number: two letters. */
  readonly country?: Read
}

const source = (id: string, title: string, read: Read): Source => ({
  ...{ id, title, read },
  ...{ type: 'text', organisational: false, needs: undefined },
})
const ofOrganisation = (id: string, title: string, read: Read): Source => ({
  ...source(id, title, read),
  organisational: true,
})
const user = (
  needs: Detail,
  [id, title]: readonly [string, string],
  of: (hire: Hire) => PinpointUser | undefined,
) => [
  { ...source(`${id}.firstName`, `${title}, first name`, (hire) => of(hire)?.firstName), needs },
  { ...source(`${id}.lastName`, `${title}, last name`, (hire) => of(hire)?.lastName), needs },
  {
    ...source(`${id}.email`, `${title}, e-mail address`, (hire) => of(hire)?.email),
    needs,
    type: 'email' as const,
  },
]

const application = ({ application: given }: Hire) => given
const address = (hire: Hire) => hire.application.address
const offer = (hire: Hire) => acceptedOffer(hire.application.offers)
const job = (hire: Hire) => hire.application.job

const ofCandidate: readonly Source[] = [
  source('candidate.firstName', 'First name', (hire) => application(hire).firstName),
  source('candidate.middleName', 'Middle name', (hire) => application(hire).middleName),
  source('candidate.lastName', 'Last name', (hire) => application(hire).lastName),
  source('candidate.preferredName', 'Preferred name', (hire) => application(hire).preferredName),
  {
    ...source('candidate.email', 'E-mail address, usually a private one', (hire) => application(hire).email),
    type: 'email',
  },
  {
    ...source('candidate.phone', 'Phone number', (hire) => application(hire).phone),
    country: (hire) => application(hire).phoneCountry,
  },
  source(
    'candidate.phoneCountry',
    'Country of the phone number, two letters',
    (hire) => application(hire).phoneCountry,
  ),
  source('candidate.address.line1', 'Address, first line', (hire) => address(hire)?.line1),
  source('candidate.address.line2', 'Address, second line', (hire) => address(hire)?.line2),
  source('candidate.address.town', 'Town or city', (hire) => address(hire)?.town),
  source('candidate.address.postcode', 'Postcode', (hire) => address(hire)?.postcode),
  source('candidate.address.state', 'State or province', (hire) => address(hire)?.state),
  source('candidate.address.country', 'Country, as a name', (hire) => address(hire)?.country),
  source('candidate.address.countryCode', 'Country, two letters', (hire) => address(hire)?.countryCode),
  source('candidate.linkedinUrl', 'LinkedIn profile', (hire) => application(hire).linkedinUrl),
  {
    ...source('candidate.internal', 'Whether they work here already', (hire) =>
      String(application(hire).internalCandidate),
    ),
    type: 'boolean',
  },
]

const ofApplication: readonly Source[] = [
  ofOrganisation('application.id', 'Id of the application', (hire) => application(hire).id),
  {
    ...source('application.startOn', 'Start date on the application', (hire) => application(hire).startOn),
    type: 'date',
  },
  {
    ...source(
      'application.hiredAt',
      'When they were hired, which is not the start date',
      (hire) => application(hire).hiredAt,
    ),
    type: 'moment',
  },
  source('application.cv', 'File name of the CV', cvName),
  {
    ...source('event.at', 'When the hire happened, according to the webhook', (hire) =>
      hire.triggeredAt?.toISOString(),
    ),
    type: 'moment',
  },
]

const ofOffer: readonly Source[] = [
  {
    ...source('offer.startOn', 'Start date on the accepted offer', (hire) => offer(hire)?.startOn),
    type: 'date',
  },
  ofOrganisation('offer.jobTitle', 'Job title on the accepted offer', (hire) => offer(hire)?.jobTitle),
  {
    ...source('offer.salary.amount', 'Salary on the accepted offer', (hire) => offer(hire)?.salary?.amount),
    type: 'number',
  },
  source(
    'offer.salary.currency',
    'Currency of the salary, such as EUR',
    (hire) => offer(hire)?.salary?.currency,
  ),
  source('offer.salary.period', 'Period of the salary, such as year', (hire) => offer(hire)?.salary?.period),
  ...user(
    'offer_manager',
    ['offer.manager', 'Manager on the accepted offer'],
    (hire) => offer(hire)?.manager,
  ),
]

const ofJob: readonly Source[] = [
  ofOrganisation('job.id', 'Id of the job', (hire) => application(hire).jobId),
  ofOrganisation('job.title', 'Job title', (hire) => job(hire)?.title),
  ofOrganisation('job.location', 'Location', (hire) => job(hire)?.location),
  ofOrganisation('job.department', 'Department', (hire) => job(hire)?.department),
  { ...ofOrganisation('job.division', 'Division', (hire) => job(hire)?.division), needs: 'division' },
  ofOrganisation(
    'job.employmentType',
    'Employment type, such as permanent_full_time',
    (hire) => job(hire)?.employmentType,
  ),
  ofOrganisation('job.workplaceType', 'Workplace type, such as hybrid', (hire) => job(hire)?.workplaceType),
  ...user('hiring_manager', ['job.hiringManager', 'Hiring manager'], (hire) => job(hire)?.hiringManager),
]

const ofOnboarding: Source = {
  ...source('onboarding.startAt', 'Start of the onboarding', (hire) => application(hire).onboarding?.startAt),
  ...{ type: 'moment', needs: 'onboarding' },
}

export const sources: readonly Source[] = [
  ...ofCandidate,
  ...ofApplication,
  ...ofOffer,
  ...ofJob,
  ofOnboarding,
]

/** The PDF that Pinpoint makes of it comes first. */
function cvName({ application: { attachments } }: Hire): string | undefined {
  return ['pdf_cv', 'cv']
    .flatMap((context) => attachments.filter((one) => one.context === context))
    .find(({ filename }) => filename !== '')?.filename
}

/** Fields that the customer has added in Pinpoint, each under its own name: `application.custom["T-shirt size"]`. */
export interface NamedSources {
  readonly prefix: string
  readonly title: string
  readonly organisational: boolean
  readonly needs: Detail | undefined
  readonly all: (hire: Hire) => CustomAttributes | undefined
}

export const namedSources: readonly NamedSources[] = [
  {
    prefix: 'application.custom',
    title: 'Custom attribute of the application',
    organisational: false,
    needs: undefined,
    all: (hire) => application(hire).customAttributes,
  },
  {
    prefix: 'offer.custom',
    title: 'Custom attribute of the accepted offer',
    organisational: false,
    needs: 'offer_attributes',
    all: (hire) => offer(hire)?.customAttributes,
  },
  {
    prefix: 'job.custom',
    title: 'Custom attribute of the job',
    organisational: true,
    needs: 'job_attributes',
    all: (hire) => job(hire)?.customAttributes,
  },
  {
    prefix: 'candidate.custom',
    title: 'Custom attribute of the candidate',
    organisational: false,
    needs: 'candidate_attributes',
    all: (hire) => application(hire).candidateAttributes,
  },
  {
    prefix: 'onboarding.answer',
    title: 'Answer to a question of the onboarding',
    organisational: false,
    needs: 'onboarding_answers',
    all: (hire) => application(hire).onboarding?.answers,
  },
]

/** `application.custom["T-shirt size"]` */
export function namedId(prefix: string, name: string): string {
  return `${prefix}[${JSON.stringify(name)}]`
}

/** Undefined: there is no such source. Any name of a custom attribute is one, since only Pinpoint knows them. */
export function sourceNamed(id: string): Source | undefined {
  const known = byId.get(id)
  if (known !== undefined) return known
  const [, prefix, quoted] = /^([a-z.]+)\[("(?:[^"\\]|\\["\\])+")\]$/i.exec(id) ?? []
  const named = namedSources.find((one) => one.prefix === prefix)
  if (named === undefined || quoted === undefined) return undefined
  const name = quoted.slice(1, -1).replace(/\\(["\\])/g, '$1')
  const { title, organisational, needs, all } = named
  const [owner = '', kind] = named.prefix.split('.')
  return {
    ...{ ...source(id, title, (hire) => valueOf(all(hire), name)), organisational, needs },
    ...(kind === 'custom' && { custom: { owner, name } }),
  }
}

const byId = new Map(sources.map((one) => [one.id, one]))

/** As it is spelled, or else as people would take it for the same. */
function valueOf(attributes: CustomAttributes = {}, wanted: string): string | undefined {
  return entryOf(Object.entries(attributes), wanted)?.[1]
}
