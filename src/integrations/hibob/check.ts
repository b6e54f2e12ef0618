/** Checks a connection by reading only, and reports in words that a people team understands. */
import {
  AnswerTooLarge,
  type CheckItem,
  type CheckReport,
  NeedsPerson,
  quoted,
  type ReportContext,
  RetryLater,
  sameText,
  UnrecognisedAnswer,
} from '../../sdk/index.ts'
import { type Bob, openBob } from './client.ts'
import { fieldsOfEmployees, fieldsShown } from './fields-shown.ts'
import { fieldIds } from './new-hire.ts'
import { customFolder, type Secrets, type Settings } from './settings.ts'
import type { Employee } from './wire.ts'

export async function checkHibob({
  openHttp,
  settings,
  secrets,
  timeZone,
  mappedFields = [],
}: ReportContext<Settings, Secrets>): Promise<CheckReport> {
  const bob = openBob(openHttp, settings, secrets)
  const credentials = await look('Credentials', async () => {
    await bob.peopleWithEmail('nobody@example.com')
    return 'HiBob accepts the service user, and it may search people.'
  })
  // Further calls would be refused as well, and HiBob blocks callers that keep trying.
  if (!credentials.ok) return [credentials]

  const sites = [
    ...new Set([settings.site, ...Object.values(settings.sites)].filter((site) => site !== undefined)),
  ]
  const folder = customFolder(settings)
  const custom = folder === undefined ? [] : [await checkFolder(bob, folder)]
  return [
    credentials,
    ...(await checkFields(bob)),
    await checkSentFields(bob),
    ...(mappedFields.includes(fieldIds.site) ? [mappedSite] : await checkSites(bob, sites)),
    ...custom,
    ...checkTimeZone(settings, timeZone),
  ]
}

function checkTimeZone({ startDateRule }: Settings, timeZone: string | undefined): CheckReport {
  if (startDateRule === 'park') return []
  const what = 'Time zone'
  const because =
    timeZone === undefined
      ? '`daysAfterHire` counts from the day in UTC, which may be the day before or after. Set `timeZone` of the tenant, such as Europe/Berlin.'
      : `\`daysAfterHire\` counts from the day in ${timeZone}.`
  return [{ ok: timeZone !== undefined, what, because }]
}

/** Nothing can be checked if HiBob shows no employee. */
async function checkFields(bob: Bob): Promise<CheckReport> {
  let shown: Employee | undefined
  const read = await look(fieldsOfEmployees, async () => {
    const id = await bob.anybody().catch(unlessTooMany)
    shown = id === undefined ? undefined : await bob.employee(id)
    return 'HiBob can be asked for one.'
  })
  if (!read.ok) return [read]
  return shown === undefined ? [] : [fieldsShown(shown)]
}

/** A company can remove fields. HiBob says nothing of one that it does not know, or refuses the employee. */
async function checkSentFields(bob: Bob): Promise<CheckItem> {
  const what = 'Fields that are sent'
  let missing: readonly string[] = []
  const read = await look(what, async () => {
    const known = new Set((await bob.fields()).map(({ id }) => id))
    missing = Object.values(fieldIds).filter((id) => !known.has(id))
    return 'HiBob has them all.'
  })
  if (!read.ok || missing.length === 0) return read
  const because = `HiBob has no field ${missing.join(', ')}, so new employees go without it. Add it in HiBob again.`
  return { ok: false, what, because }
}

/** A setting beside it is refused when the file is applied. What the mapping itself says is compared with the list like that of any field. */
const mappedSite: CheckItem = {
  ok: true,
  what: 'Site',
  because: `\`${fieldIds.site}\` is mapped: each hire gets what the mapping makes of it.`,
}

async function checkSites(bob: Bob, wanted: readonly string[]): Promise<CheckReport> {
  if (wanted.length === 0) {
    return [
      {
        ok: true,
        what: 'Site',
        because: 'No site is set: each hire’s Pinpoint location is used as it is.',
      },
    ]
  }
  let sites: readonly string[] | undefined
  const list = await look('Site', async () => {
    sites = await bob.namedList('site')
    return 'HiBob does not show its list of sites; whether the site exists is seen with the first hire.'
  })
  const known = sites
  if (known === undefined) return [list]
  return wanted.map((site) =>
    known.some((name) => sameText(name, site))
      ? { ok: true, what: 'Site', because: `HiBob knows the site ${quoted(site)}.` }
      : {
          ok: false,
          what: 'Site',
          because: `HiBob has no site ${quoted(site)}. It has: ${firstTen(known)}.`,
        },
  )
}

function firstTen(names: readonly string[]): string {
  return names.slice(0, 10).map(quoted).join(', ')
}

async function checkFolder(bob: Bob, id: string): Promise<CheckItem> {
  const what = 'Folder for CVs'
  let known: readonly string[] = []
  const read = await look(what, async () => {
    known = await bob.folderIds()
    return `HiBob has the folder ${id}.`
  })
  if (!read.ok || known.includes(id)) return read
  return {
    ok: false,
    what,
    because: `HiBob shows no folder ${id} to this service user. Correct \`documents\`.`,
  }
}

/** If the list of all ids is too large to read, the first hire shows which fields are hidden. */
function unlessTooMany(error: unknown): undefined {
  if (!(error instanceof AnswerTooLarge)) throw error
}

/** One item of the report: what was read, or the failure with its fix. */
async function look(what: string, read: () => Promise<string>): Promise<CheckItem> {
  try {
    return { ok: true, what, because: await read() }
  } catch (error) {
    if (error instanceof NeedsPerson) return { ok: false, what, because: `${error.message} ${error.fix}` }
    if (error instanceof UnrecognisedAnswer) {
      const because = `${error.message} Check the address (\`apiUrl\`): a wrong one answers with a login page. Then what stands between this service and HiBob.`
      return { ok: false, what, because }
    }
    if (error instanceof RetryLater)
      return { ok: false, what, because: `${error.message} Check again later.` }
    throw error
  }
}
