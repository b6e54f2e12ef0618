/** Would a hire on an open job go through? With the very functions that the handler uses, and nothing but reads. */
import {
  type CheckItem,
  type Gap,
  type Job,
  type OfJob,
  type Preflight,
  type PreflightContext,
  type PreflightFinding,
  quoted,
} from '../../sdk/index.ts'
import { type Bob, openBob } from './client.ts'
import { fieldsOfEmployees, fieldsShown } from './fields-shown.ts'
import { departmentOf, fieldIds, siteOf, titleOf, whereToSet } from './new-hire.ts'
import { meant, nearIn, siteUnknown, spelledIn, whyLeftOut } from './place.ts'
import type { Secrets, Settings } from './settings.ts'

/** Undefined: HiBob does not show the list. */
interface Lists {
  readonly site: readonly string[] | undefined
  readonly title: readonly string[] | undefined
  readonly department: readonly string[] | undefined
}

export async function preflightHibob(context: PreflightContext<Settings, Secrets>): Promise<Preflight> {
  const { openHttp, settings, secrets, madeRecord, mapped } = context
  const bob = openBob(openHttp, settings, secrets)
  const lists: Lists = {
    site: await bob.namedList('site'),
    title: await bob.namedList('title'),
    department: await bob.namedList('department'),
  }
  return {
    general: [await seesPeople(bob, madeRecord), startDate(settings, mapped), ...notJudged(mapped)],
    findings: (job) => findingsFor(job, { settings, mapped }, lists),
  }
}

interface Rules {
  readonly settings: Pick<Settings, 'site' | 'sites'>
  /** Where it is there, it decides. */
  readonly mapped?: OfJob | undefined
}

/** What a hire on the job would get. */
interface Expected {
  readonly value?: string | undefined
  /** Why the mapping has none. */
  readonly gap?: Gap | undefined
  readonly parks: boolean
}

export function findingsFor(job: Job, rules: Rules, lists: Lists): readonly PreflightFinding[] {
  const { site, title, department } = expectedOf(job, rules)
  return [
    ...siteFinding(site, lists.site),
    ...listFinding('title', title, lists.title),
    ...listFinding('department', department, lists.department),
  ]
}

const judged = ['site', 'title', 'department'] as const

/** Undefined: a field that only a hire decides. */
function expectedOf(
  job: Job,
  { settings, mapped }: Rules,
): Readonly<Record<(typeof judged)[number], Expected | undefined>> {
  if (mapped === undefined) {
    // The offer may name another title; nobody has made one yet.
    const hire = { job, offers: [] }
    return {
      site: { value: siteOf(hire, settings), parks: true },
      title: { value: titleOf(hire), parks: false },
      department: { value: departmentOf(hire), parks: false },
    }
  }
  const { values, gaps } = mapped.of(job)
  const expected = (id: string): Expected | undefined => {
    const value = values.find(({ target }) => target === id)
    const gap = gaps.find(({ target }) => target === id)
    return value ?? (gap && { gap, parks: gap.parks })
  }
  return {
    site: expected(fieldIds.site),
    title: expected(fieldIds.title),
    department: expected(fieldIds.department),
  }
}

function siteFinding(
  expected: Expected | undefined,
  sites: readonly string[] | undefined,
): readonly PreflightFinding[] {
  if (expected === undefined) return []
  const { value: site, gap } = expected
  if (gap !== undefined) return [gapFinding('site', gap)]
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

function listFinding(
  name: 'title' | 'department',
  expected: Expected | undefined,
  values: readonly string[] | undefined,
): readonly PreflightFinding[] {
  const { value: wanted, gap, parks = false } = expected ?? {}
  // Otherwise the mapping wants it left out.
  if (gap?.parks === true) return [gapFinding(name, gap)]
  const because = wanted === undefined ? undefined : whyLeftOut(name, values, wanted)
  if (wanted === undefined || because === undefined) return []
  const told = `The ${name} ${quoted(wanted)}`
  const why = `${because}${meant(nearIn(values, wanted))}`
  return [
    {
      would: parks ? 'park' : 'leave_out',
      what: whatOf[name],
      because: parks
        ? `${told} must not be left out, as the mapping says: ${why}.`
        : `${told} would be left out: ${why}.`,
      fix:
        values === undefined
          ? `Let the service user see the list of ${name}s in HiBob.`
          : `Add ${quoted(wanted)} to HiBob’s list of ${name}s, or correct the job in Pinpoint.`,
    },
  ]
}

const whatOf = { site: 'Site', title: 'Title', department: 'Department' }

/** A required field without a value always parks. */
function gapFinding(name: (typeof judged)[number], { reason }: Gap): PreflightFinding {
  const fix = `Correct the job in Pinpoint, or change the mapping of ${fieldIds[name]} and apply it.`
  return { would: 'park', what: whatOf[name], because: reason, fix }
}

/** A field that comes from what only a hire has. */
function notJudged(mapped: OfJob | undefined): readonly CheckItem[] {
  const unknown = judged.filter((name) => mapped?.unknown.has(fieldIds[name]))
  if (unknown.length === 0) return []
  const because = `Not compared for open jobs, since the mapping fills them from what only a hire has: ${unknown.join(', ')}.`
  return [{ ok: true, what: 'Mapping', because }]
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

function startDate({ startDateRule }: Settings, mapped: OfJob | undefined): CheckItem {
  const because =
    mapped !== undefined
      ? 'As the mapping of the connection says: `mapping show` prints it. A hire without one parks until one is set.'
      : startDateRule === 'park'
        ? 'From the accepted offer, else the application. A hire with neither parks until one is set.'
        : `From the accepted offer, else the application, else ${startDateRule.daysAfterHire} days after the hire.`
  return { ok: true, what: 'Start date', because }
}
