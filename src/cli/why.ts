/** `why` */
import { openOutbound, openPoliteHttp } from '../app/outbound.ts'
import type { StoreToRead } from '../app/store-to-read.ts'
import { Failure, NeedsPerson, RetryLater } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import type { ApplicationOfTenant } from '../hires/ports.ts'
import { explain, type Explanation, type NamedApplication, type PinpointSays } from '../operator/why.ts'
import { openPinpoint } from '../pinpoint/client.ts'
import type { Command, CommandContext } from './command.ts'
import { unknownTenant } from './known-names.ts'
import { hireData, hiresOf, revealOption } from './shown-hires.ts'
import { momentText, relativeText } from './when.ts'
import { withStoreToRead } from './with-store.ts'

const mostApplications = 5
/** Of ids that begin alike. */
const mostNamed = 10

export const why: Command = {
  name: 'why',
  summary:
    'Say why somebody has or has not arrived: webhook, runs, what Pinpoint says now, and the next command',
  details:
    'Somebody is named by the id of their application, an e-mail, words of their name, the id of a record in a destination, or a run or event. ' +
    'Of these ids the beginning is enough where it is not ambiguous; of a record at least ten digits. ' +
    'A record is known by its id as long as its runs are kept. ' +
    'Names and e-mails are found once an attempt has read the application. Pinpoint is asked once for each application, with what hires leave of its ' +
    'rate limit: never the last fifth of it.',
  arguments: [{ name: 'WHO', description: 'Application, e-mail, name, record, run or event', several: true }],
  options: [
    {
      name: 'tenant',
      value: 'TENANT',
      description: 'Only this tenant; needed where nothing is known of an application',
    },
    { name: 'offline', description: 'Do not ask Pinpoint' },
    revealOption,
  ],
  examples: [
    'why 9000003 --tenant acme',
    'why ada@example.com',
    'why Ada Example --offline',
    'why run_0abc_hibob --json',
  ],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async (store) => {
      const text = context.input.severalArguments('WHO').join(' ')
      const about = await named(store, text, context.input.option('tenant'))
      const shown = about.slice(0, mostApplications)
      const subjects = shown.map(({ tenant, application: subject }) => ({ tenant, subject }))
      const hires = await hiresOf(store, subjects, context)
      const now = new Date()
      const explained = []
      for (const [index, one] of shown.entries()) {
        const [known, pinpoint] = await Promise.all([store.why.known(one), askPinpoint(context, store, one)])
        explained.push({
          ...one,
          hire: hireData(hires[index]),
          ...explain({ ...one, known, pinpoint, now }),
        })
      }
      const more =
        about.length > shown.length
          ? `\n\nMore than ${mostApplications} match: name the tenant or the application.`
          : ''
      return {
        data: explained.map((one) => ({ ...one, findings: one.findings.map((finding) => ({ ...finding })) })),
        text: explained.map((one) => whyText(one, now)).join('\n\n') + more,
      }
    }),
}

async function named(
  store: StoreToRead,
  text: string,
  tenant: string | undefined,
): Promise<readonly ApplicationOfTenant[]> {
  const slugs = (await store.tenants.list()).map(({ slug }) => slug)
  if (tenant !== undefined && !slugs.includes(tenant)) throw await unknownTenant(store.tenants, tenant)
  const found = await store.why.applications({ text, tenant, limit: mostNamed + 1 })
  const begun = found.filter(({ id }) => id !== undefined)
  const different = new Set(begun.map((one) => `${one.tenant} ${one.application}`))
  if (different.size > 1) throw ambiguous(text, begun)
  if (begun.length > 0) return begun.slice(0, 1)
  if (found.length > 0) return found
  const only = tenant ?? (slugs.length === 1 ? slugs[0] : undefined)
  if (/^\d+$/.test(text) && only !== undefined) return [{ tenant: only, application: text }]
  if (/^\d+$/.test(text))
    throw new NeedsPerson('cli.why_which_tenant', `Nothing is known of application ${text}.`, {
      fix: 'Name the tenant, so that its Pinpoint can be asked: --tenant.',
    })
  throw new NeedsPerson('cli.why_nobody', 'Nobody here matches that.', {
    fix: 'Open the person in Pinpoint and use the id of the application, the number in its address: why ID --tenant TENANT.',
  })
}

function ambiguous(text: string, found: readonly NamedApplication[]): NeedsPerson {
  const all = found
    .slice(0, mostNamed)
    .map(({ id, tenant, application }) => `${id ?? ''} (${tenant}, application ${application})`)
  const more = found.length > mostNamed ? '; and more' : ''
  return new NeedsPerson(
    'cli.why_ambiguous',
    `${text} is the beginning of several ids: ${all.join('; ')}${more}.`,
    {
      fix: 'Give more of the id, or the application.',
    },
  )
}

async function askPinpoint(
  context: CommandContext,
  store: StoreToRead,
  { tenant, application }: ApplicationOfTenant,
): Promise<PinpointSays> {
  if (context.input.flag('offline')) return { asked: false, because: '--offline', offline: true }
  const access = await store.tenants.open(tenant)
  if (access === undefined) throw await unknownTenant(store.tenants, tenant)
  const outbound = openOutbound(context.config())
  try {
    const { log } = context
    const http = await openPoliteHttp(
      { store, outbound, log, address: context.config().egressName },
      access.id,
    )
    return {
      asked: true,
      application: await openPinpoint(http, access).application(application),
      demoHires: access.demoHires,
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const until =
      error instanceof RetryLater && error.after !== undefined ? ` Again ${momentText(error.after)}.` : ''
    return { asked: false, because: `${error.message}${until}`, offline: false }
  } finally {
    await outbound.close()
  }
}

const verdicts: Readonly<Record<Explanation['verdict'], string>> = {
  done: 'has arrived',
  under_way: 'is on the way',
  waits_for_person: 'waits for a person',
  ended: 'has not arrived: the run ended',
  not_dispatched: 'has not started',
  quarantined: 'has not arrived: the webhook could not be verified',
  not_hired: 'is not hired',
  missed: 'has not arrived: no webhook came',
  never_heard: 'is not known here',
}

function whyText(
  one: Explanation & ApplicationOfTenant & { readonly hire: JsonObject | null },
  now: Date,
): string {
  const shown = one.hire?.['name'] ?? one.hire?.['email']
  const name = typeof shown === 'string' ? ` (${shown})` : ''
  return [
    `${one.tenant}, application ${one.application}${name} ${verdicts[one.verdict]}.`,
    ...one.findings.map(({ what, text }) => `  ${what.padEnd(10)} ${withWords(text, now)}`),
    ...(one.next === null ? [] : [`  Next: ${one.next}`]),
  ].join('\n')
}

/** Replaces ISO instants by times as people read them. */
function withWords(text: string, now: Date): string {
  return text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (iso) => {
    const at = new Date(iso)
    return `${momentText(at)}, ${relativeText(at, now)}`
  })
}
