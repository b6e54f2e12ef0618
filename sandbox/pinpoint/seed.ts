/** What can be said about an application when seeding one. Everything has a sensible default. */
import { z } from 'zod'

export const basicTypes = ['applied', 'rejected', 'review', 'interview', 'offer', 'hired'] as const
export type BasicType = (typeof basicTypes)[number]
export const visibilities = ['confidential', 'external', 'internal'] as const
export type Visibility = (typeof visibilities)[number]
export const jobStatuses = ['archived', 'closed', 'draft', 'open'] as const
export type JobStatus = (typeof jobStatuses)[number]

const date = z.iso.date()
const id = z.union([z.string().regex(/^\d+$/), z.int().positive()]).transform(String)

const user = z.strictObject({ firstName: z.string(), lastName: z.string(), email: z.string() })
export type UserSeed = z.output<typeof user>
const customAttributes = z.record(z.string(), z.json())

const offer = z.strictObject({
  result: z.enum(['accepted', 'pending', 'rejected', 'retracted']).default('accepted'),
  resultAt: z.iso.datetime({ offset: true }).nullable().optional(),
  startOn: date.nullable().default(null),
  jobTitle: z.string().nullable().optional(),
  salary: z.strictObject({ amount: z.number(), currency: z.string(), period: z.string() }).optional(),
  manager: user.optional(),
  customAttributes: customAttributes.optional(),
})
export type OfferSeed = z.output<typeof offer>

const cv = z.union([
  z.instanceof(Uint8Array),
  z.strictObject({
    filename: z.string().default('cv.pdf'),
    /** The file itself. Unset: a small PDF made for this applicant. */
    base64: z.base64().optional(),
    /** Least size of the PDF that is made. */
    sizeBytes: z.int().nonnegative().default(0),
    /** Under which contexts the file is attached: `pdf_cv` may be missing while Pinpoint still converts. */
    contexts: z.array(z.string()).default(['cv', 'pdf_cv']),
    /** The content type that storage says. Default: by the name. */
    contentType: z.string().optional(),
    /** How storage sends it: `gzip` says so in a header, `gzip_untold` does not. */
    encoding: z.enum(['none', 'gzip', 'gzip_untold']).default('none'),
    /** After so many bytes the connection breaks, each time. */
    breaksOffAfter: z.int().nonnegative().optional(),
  }),
])

/** The API is behind the webhook: what single reads of the application answer at first. The list is not behind. */
const late = z
  .strictObject({
    /** The stage it is still in, or 404. */
    as: z.enum(['absent', ...basicTypes]).default('offer'),
    /** For so many reads. */
    reads: z.int().nonnegative().default(0),
    /** For so long from now. */
    ms: z.int().nonnegative().default(0),
  })
  .nullable()
export type LateSeed = z.output<typeof late>

export const jobSeed = z.strictObject({
  id: id.optional(),
  title: z.string().default('Software Engineer'),
  location: z.string().nullable().default('New York (Demo)'),
  department: z.string().nullable().default('Engineering'),
  division: z.string().optional(),
  hiringManager: user.optional(),
  customAttributes: customAttributes.optional(),
  visibility: z.enum(visibilities).default('external'),
  status: z.enum(jobStatuses).default('open'),
})
export type JobSeed = z.output<typeof jobSeed>

export const applicationChanges = z.strictObject({
  /** Unset: as the e-mail says, or somebody invented. */
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  preferredName: z.string().nullable().optional(),
  email: z.string().optional(),
  /** Who it is, for the oracle only: any text, the same for one person. Unset: whoever has this e-mail and this first name. */
  person: z.string().optional(),
  phone: z.string().nullable().optional(),
  country: z.string().nullable().optional(),
  /** Other attributes of the application, as Pinpoint names them: `address2`, `linkedin_url`, `phone_iso2`. */
  attributes: z.record(z.string(), z.json()).optional(),
  /** Unset together with `offers`: one accepted offer that starts in thirty days. */
  startOn: date.nullable().optional(),
  offers: z.array(offer).optional(),
  /** What another system calls it. */
  externalSystemReference: z.string().nullable().optional(),
  stage: z.enum(basicTypes).optional(),
  hiredAt: z.iso.datetime({ offset: true }).nullable().optional(),
  concealed: z.boolean().optional(),
  internalCandidate: z.boolean().optional(),
  /** As Pinpoint's own demo data was recorded: unless told otherwise no `hiredAt`, no start date, internal candidate. */
  isDemo: z.boolean().optional(),
  job: jobSeed.optional(),
  /** `null`: no CV. */
  cv: cv.nullable().optional(),
  customAttributes: customAttributes.optional(),
  /** Of the candidate rather than of this application. */
  candidateAttributes: customAttributes.optional(),
  /** Before those of the CV, as they are: Pinpoint has held odd ones. */
  oddAttachments: z.array(z.json()).optional(),
  onboardingStartAt: z.iso.datetime({ offset: true }).optional(),
  /** Question to answer. */
  onboardingAnswers: z.record(z.string(), z.string()).optional(),
  late: late.optional(),
})
export type ApplicationChanges = z.input<typeof applicationChanges>

export const applicationSeed = applicationChanges.extend({
  /** The tenant's subdomain. */
  tenant: z.string().default('acme'),
  id: id.optional(),
})
export type ApplicationSeed = z.input<typeof applicationSeed>

export const tenantSeed = z.strictObject({
  subdomain: z.string().min(1),
  apiKey: z.string().min(1).default('pinpoint-sandbox-key'),
  /** Off: every call answers 403 "Integration not enabled". */
  enabled: z.boolean().default(true),
  /** On: 120 calls a minute and 240 in eight minutes, then 429. */
  rateLimited: z.boolean().default(false),
  /** How long a new comment stays out of the list of comments. */
  commentLagMs: z.int().nonnegative().default(0),
  /** A page of a list holds no more than this, whatever is asked for. */
  mostPerPage: z.int().positive().optional(),
  /** Refused with 400 when asked for with an application: `job` is all that would come with the job. */
  refusedIncludes: z
    .array(z.enum(['job', 'comments', 'job.hiring_manager_user', 'onboarding_application', 'candidate']))
    .default([]),
  /** The fields that the customer has added. */
  customFields: z
    .array(
      z.strictObject({
        name: z.string(),
        resourceType: z.string(),
        type: z.enum(['varchar', 'text', 'integer', 'boolean', 'single_select']).default('varchar'),
      }),
    )
    .default([]),
  /** What this key may do with custom attributes; `unkept`: a value is answered 201 and forgotten. */
  attributes: z.enum(['write', 'unkept', 'read']).default('write'),
  /** How comments come along with an application: all; all but the last, though it is referred to; or not, whatever is asked for. */
  commentsAlong: z.enum(['whole', 'cut', 'left_out']).default('whole'),
  /** On: a job that comes along does so without its location and department, whatever is asked for. */
  jobAlongBare: z.boolean().default(false),
  /** What this key may do with the external reference of an application; `unkept`: it is answered 200 and forgotten. */
  references: z.enum(['write', 'unkept', 'read', 'none']).default('write'),
  /** Off: `stats[total]=count` is ignored. */
  countsTotals: z.boolean().default(true),
})
export type TenantSeed = z.input<typeof tenantSeed>
export type Tenant = z.output<typeof tenantSeed>
