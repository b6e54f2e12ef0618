/** Jobs with their places. Equal jobs are one job, so that a thousand applicants do not make a thousand of them. */
import type { Job, Place } from './application.ts'
import type { JobSeed } from './seed.ts'

export function openJobStore() {
  const jobs = new Map<string, Job>()
  const places = new Map<string, Place>()
  const key = (tenant: string, id: string) => `${tenant}/${id}`

  const place = (kind: string, name: string | null): Place | undefined => {
    if (name === null) return undefined
    const known = places.get(`${kind}/${name}`) ?? { id: String(30_001 + places.size), name }
    places.set(`${kind}/${name}`, known)
    return known
  }

  return {
    find: (tenant: string, id: string) => jobs.get(key(tenant, id)),
    /** Each once: jobs are kept under their looks as well. */
    all: (tenant: string): readonly Job[] =>
      [...jobs].filter(([name, job]) => name === key(tenant, job.id)).map(([, job]) => job),
    /** The job that looks like this, made at need. A seed with an id replaces the job of that id. */
    ensure(tenant: string, seed: JobSeed, now: Date): Job {
      const looks = JSON.stringify(seed)
      const known = jobs.get(key(tenant, looks))
      if (known) return known
      const job: Job = {
        id: seed.id ?? String(170_001 + jobs.size),
        tenant,
        title: seed.title,
        location: place('location', seed.location),
        department: place('department', seed.department),
        division: place('division', seed.division ?? null),
        hiringManager: seed.hiringManager,
        customAttributes: seed.customAttributes ?? {},
        visibility: seed.visibility,
        status: seed.status,
        createdAt: now,
      }
      jobs.set(key(tenant, looks), job)
      jobs.set(key(tenant, job.id), job)
      return job
    },
    clear() {
      jobs.clear()
      places.clear()
    },
  }
}
