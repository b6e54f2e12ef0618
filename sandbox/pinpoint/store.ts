/** The state of the imitated Pinpoint: tenants, jobs, applications, comments. */
import { randomBytes } from 'node:crypto'

import type { z } from 'zod'

import type { Clock } from '../../src/base/clock.ts'
import type { Application } from './application.ts'
import { openCommentStore } from './comment-store.ts'
import { cvBytesOf } from './cv-bytes.ts'
import { fileToken, readFileToken } from './file-token.ts'
import { openJobStore } from './job-store.ts'
import { readLate } from './late.ts'
import { changedApplication, newApplication } from './new-application.ts'
import { openPeople } from './people.ts'
import {
  type ApplicationChanges,
  applicationChanges,
  type ApplicationSeed,
  applicationSeed,
  jobSeed,
  type Tenant,
  type TenantSeed,
  tenantSeed,
} from './seed.ts'

export type PinpointStore = ReturnType<typeof openPinpointStore>

export function openPinpointStore(clock: Clock) {
  const tenants = new Map<string, Tenant>()
  const jobs = openJobStore()
  const applications = new Map<string, Application>()
  const comments = openCommentStore()
  const people = openPeople()
  const salt = randomBytes(16)
  let sequence = 9_000_001

  const key = (tenant: string, id: string) => `${tenant}/${id}`
  const find = (id: string, tenant = 'acme') => applications.get(key(tenant, id))
  const keep = (application: Application): Application => {
    applications.set(key(application.tenant, application.id), application)
    people.keep(application)
    return application
  }
  const addTenant = (seed: TenantSeed): Tenant => {
    const tenant = tenantSeed.parse(seed)
    tenants.set(tenant.subdomain, tenant)
    return tenant
  }
  addTenant({ subdomain: 'acme' })

  return {
    /** Sets a tenant up, or replaces its key and switches; its applications stay. */
    addTenant,
    tenant: (subdomain: string) => tenants.get(subdomain),
    /** Seeds one application: hired, unless told otherwise. */
    addApplication(input: ApplicationSeed = {}): Application {
      const { tenant, id = String(sequence++), ...seed } = applicationSeed.parse(input)
      if (!tenants.has(tenant)) throw new Error(`The sandbox has no Pinpoint tenant ${tenant}`)
      const now = clock.now()
      const job = jobs.ensure(tenant, seed.job ?? jobSeed.parse({}), now)
      return keep(newApplication(seed, { id, tenant, job, now }))
    },
    /** Changes what is named and moves `updatedAt`. Undefined when there is no such application. */
    changeApplication(id: string, input: ApplicationChanges, tenant = 'acme'): Application | undefined {
      const before = find(id, tenant)
      if (!before) return undefined
      const changes = applicationChanges.parse(input)
      const job = changes.job ? jobs.ensure(tenant, changes.job, clock.now()) : before.job
      return keep({ ...changedApplication(before, changes, job), updatedAt: clock.now() })
    },
    removeApplication: (id: string, tenant = 'acme') => applications.delete(key(tenant, id)),
    application: find,
    /** As a single read shows it, which counts: at first as it was, where it comes late. */
    readApplication: (id: string, tenant: string) => readLate(find(id, tenant), { clock, keep }),
    applications: (): readonly Application[] => [...applications.values()],
    applicationCount: () => applications.size,
    ...jobsOf(jobs, clock),
    ...commentsOf(comments, clock),
    people,
    /** The bytes a download of the CV gives: what a faithful copy must equal. Undefined: no CV. */
    cvBytes: (id: string, tenant = 'acme') => bytesOf(find(id, tenant)),
    fileToken: (application: Application) => fileToken(salt, application),
    fileOf(token: string): Application | undefined {
      const owner = readFileToken(salt, token)
      return owner && find(owner.id, owner.tenant)
    },
    reset() {
      for (const held of [tenants, jobs, applications, comments, people]) held.clear()
      addTenant({ subdomain: 'acme' })
    },
  }
}

function bytesOf(application: Application | undefined): Uint8Array | undefined {
  return application?.cv && cvBytesOf(application.cv, `CV of application ${application.id}`)
}

function commentsOf(comments: ReturnType<typeof openCommentStore>, clock: Clock) {
  return {
    /** Seeds a comment that somebody has written. */
    addComment: (applicationId: string, bodyText: string, tenant = 'acme') =>
      comments.add({ tenant, applicationId, bodyText, seeded: true, createdAt: clock.now() }),
    /** What a comment through the API does once it is found valid. */
    createComment: (applicationId: string, bodyText: string, tenant: string) =>
      comments.add({ tenant, applicationId, bodyText, seeded: false, createdAt: clock.now() }),
    /** Oldest first; of one application, or of all. */
    comments: (applicationId?: string, tenant = 'acme') =>
      applicationId === undefined ? comments.all() : comments.of(tenant, applicationId),
  }
}

function jobsOf(jobs: ReturnType<typeof openJobStore>, clock: Clock) {
  return {
    job: (id: string, tenant = 'acme') => jobs.find(tenant, id),
    /** Seeds a job without any application: open, unless told otherwise. One with an id replaces the job of that id. */
    addJob: (input: z.input<typeof jobSeed> = {}, tenant = 'acme') =>
      jobs.ensure(tenant, jobSeed.parse(input), clock.now()),
    jobs: (tenant: string) => jobs.all(tenant),
  }
}
