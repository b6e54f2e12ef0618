/** Would a hire on an open job go through? With the very functions that the handler uses, and nothing but reads. */
import {
  type CheckItem,
  type Job,
  type Preflight,
  type PreflightContext,
  type PreflightFinding,
  quoted,
} from '../../sdk/index.ts'
import { type Bob, openBob } from './client.ts'
import { fieldsOfEmployees, fieldsShown } from './fields-shown.ts'
import { departmentOf, siteOf, titleOf, whereToSet } from './new-hire.ts'
import { siteUnknown, spelledIn, whyLeftOut } from './place.ts'
import type { Secrets, Settings } from './settings.ts'

/** Undefined: HiBob does not show the list. */
interface Lists {
  readonly site: readonly string[] | undefined
  readonly title: readonly string[] | undefined
  readonly department: readonly string[] | undefined
}

export async function preflightHibob(context: PreflightContext<Settings, Secrets>): Promise<Preflight> {
  const { openHttp, settings, secrets, madeRecord } = context
  const bob = openBob(openHttp, settings, secrets)
  const lists: Lists = {
    site: await bob.namedList('site'),
    title: await bob.namedList('title'),
    department: await bob.namedList('department'),
  }
  return {
    general: [await seesPeople(bob, madeRecord), startDate(settings)],
    findings: (job) => findingsFor(job, settings, lists),
  }
}

export function findingsFor(
  job: Job,
  settings: Pick<Settings, 'site' | 'sites'>,
  lists: Lists,
): readonly PreflightFinding[] {
  // The offer may name another title; nobody has made one yet.
  const hire = { job, offers: [] }
  return [
    ...siteFinding(siteOf(hire, settings), lists.site),
    ...leftOut('title', titleOf(hire), lists.title),
    ...leftOut('department', departmentOf(hire), lists.department),
  ]
}

function siteFinding(
  site: string | undefined,
  sites: readonly string[] | undefined,
): readonly PreflightFinding[] {
  const would = 'park' as const
  if (site === undefined) {
    const because = 'The job has no location, and the connection has no `site`.'
    return [{ would, what: 'Site', because, fix: `Set ${whereToSet.site}.` }]
  }
  // Where the list is not shown, HiBob's own answer to the new employee decides.
  if (sites === undefined || spelledIn(sites, site) !== undefined) return []
  const { message, fix } = siteUnknown(site, sites)
  return [{ would, what: 'Site', because: message, fix }]
}

function leftOut(
  name: 'title' | 'department',
  wanted: string | undefined,
  values: readonly string[] | undefined,
): readonly PreflightFinding[] {
  const because = wanted === undefined ? undefined : whyLeftOut(name, values, wanted)
  if (wanted === undefined || because === undefined) return []
  return [
    {
      would: 'leave_out',
      what: name === 'title' ? 'Title' : 'Department',
      because: `The ${name} ${quoted(wanted)} would be left out: ${because}.`,
      fix:
        values === undefined
          ? `Let the service user see the list of ${name}s in HiBob.`
          : `Add ${quoted(wanted)} to HiBob’s list of ${name}s, or correct the job in Pinpoint.`,
    },
  ]
}

/** HiBob leaves fields and people out without saying so; a person that is there shows which. */
async function seesPeople(bob: Bob, madeRecord: string | undefined): Promise<CheckItem> {
  const what = fieldsOfEmployees
  const id = madeRecord ?? (await bob.anybody())
  if (id === undefined) {
    const because = 'HiBob shows no employee at all, so what it leaves out of one cannot be seen.'
    return { ok: false, what, because: `${because} Check the access rights of the service user.` }
  }
  const shown = await bob.employee(id)
  if (shown !== undefined) return fieldsShown(shown)
  const because = `HiBob does not show employee ${id}, whom this connection has made.`
  return { ok: false, what, because: `${because} ${accessRights}` }
}

const accessRights =
  'Give the service user access rights by condition without "Lifecycle status equals Employed", so that hires and leavers are seen.'

function startDate({ startDateRule }: Settings): CheckItem {
  const because =
    startDateRule === 'park'
      ? 'From the accepted offer, else the application. A hire with neither parks until one is set.'
      : `From the accepted offer, else the application, else ${startDateRule.daysAfterHire} days after the hire.`
  return { ok: true, what: 'Start date', because }
}
