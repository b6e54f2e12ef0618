/** Would a hire on each open job of a tenant go through today? Checked by reads only, days before somebody is hired. */
import type { OpenHttp } from '../base/http.ts'
import { openOfJob } from '../mapping/of-job.ts'
import { openPinpoint, type Pinpoint } from '../pinpoint/client.ts'
import type { Job } from '../pinpoint/hired-application.ts'
import { collectOpenJobs } from '../pinpoint/list-jobs.ts'
import type { CheckItem, CheckReport } from '../sdk/check.ts'
import type { Integration } from '../sdk/integration.ts'
import type { Preflight, PreflightFinding } from '../sdk/preflight.ts'
import { type CheckableConnection, reported, settingsFault } from './check-connection.ts'
import { readConnectionMapping, readConnectionValues } from './connection-values.ts'

export interface JobPreflight {
  readonly id: string
  readonly title: string | undefined
  readonly findings: readonly PreflightFinding[]
}

export interface PreflightReport {
  readonly general: CheckReport
  /** All open jobs that could be read. */
  readonly jobs: readonly JobPreflight[]
  readonly counts: {
    readonly jobs: number
    /** Without findings. */
    readonly goThrough: number
    /** Would go through with something left out. */
    readonly leaveOut: number
    readonly park: number
  }
}

export interface PreflightDeps {
  readonly integrations: readonly Integration[]
  /** Opened read-only: a preflight changes nothing, whatever an integration's author wrote. */
  readonly openHttp: OpenHttp
}

/** Undefined: this integration checks nothing before there is a hire. */
export async function preflight(
  deps: PreflightDeps,
  connection: CheckableConnection,
  { madeRecord }: { readonly madeRecord: string | undefined },
): Promise<PreflightReport | undefined> {
  const integration = deps.integrations.find(({ name }) => name === connection.connection.integration)
  if (integration?.preflight === undefined) return undefined

  const pinpoint = openPinpoint(deps.openHttp, connection.tenant)
  const read = await readOpenJobs(pinpoint)
  const asked = await askIntegration(integration, deps.openHttp, { connection, madeRecord })
  const jobs = read.jobs.map((job) => ({
    id: job.id,
    title: job.title,
    findings: asked.preflight?.findings(job) ?? [],
  }))
  return {
    general: [read.item, ...(asked.preflight?.general ?? []), ...asked.faults],
    jobs: asked.preflight === undefined ? [] : jobs,
    counts: countsOf(asked.preflight === undefined ? [] : jobs),
  }
}

async function askIntegration(
  integration: Integration,
  openHttp: OpenHttp,
  {
    connection: { connection, secrets, tenant },
    madeRecord,
  }: { readonly connection: CheckableConnection; readonly madeRecord: string | undefined },
): Promise<{ readonly preflight: Preflight | undefined; readonly faults: CheckReport }> {
  const values = readConnectionValues(integration, { settings: connection.settings, secrets })
  if (!values.ok) return { preflight: undefined, faults: [settingsFault(values.faults)] }
  const read = readConnectionMapping(integration, connection.mapping, values.value.settings)
  if (read === 'unreadable') {
    const fault = { path: 'mapping', problem: 'is not valid in this version' }
    return { preflight: undefined, faults: [settingsFault([fault])] }
  }
  let found: Preflight | undefined
  const faults = await reported(integration.title, async () => {
    const { timeZone } = tenant
    found = await integration.preflight?.({
      ...values.value,
      openHttp,
      madeRecord,
      timeZone,
      mapped: read && openOfJob(read.mapping, { timeZone, defaults: read.defaults }),
    })
    return []
  })
  return { preflight: found, faults }
}

async function readOpenJobs(
  pinpoint: Pinpoint,
): Promise<{ readonly jobs: readonly Job[]; readonly item: CheckItem }> {
  const what = 'Pinpoint jobs'
  const jobs = new Map<string, Job>()
  const all = { isLast: false }
  const [failed] = await reported(what, async () => {
    const read = await collectOpenJobs((page) => pinpoint.openJobs(page), jobs)
    if ('refused' in read) return [notReadable(what)]
    all.isLast = read.isLast
    return []
  })
  if (failed !== undefined) return { jobs: [...jobs.values()], item: failed }
  const more = all.isLast ? '' : ' There are more; only these were checked.'
  const because = `The API key can read them: ${jobs.size} open ${jobs.size === 1 ? 'job' : 'jobs'}.${more}`
  return { jobs: [...jobs.values()], item: { ok: all.isLast, what, because } }
}

function notReadable(what: string): CheckItem {
  const because =
    'The API key may not read jobs (403), so locations and departments are not known, and hires that need them park.'
  return { ok: false, what, because: `${because} Give the key the permission Job: Read in Pinpoint.` }
}

function countsOf(jobs: readonly JobPreflight[]): PreflightReport['counts'] {
  const parks = jobs.filter(({ findings }) => findings.some(({ would }) => would === 'park'))
  const goThrough = jobs.filter(({ findings }) => findings.length === 0)
  const park = parks.length
  return {
    jobs: jobs.length,
    goThrough: goThrough.length,
    leaveOut: jobs.length - goThrough.length - park,
    park,
  }
}
