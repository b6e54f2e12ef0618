/** `mapping test` */
import { detailsOf } from '../mapping/mapping.ts'
import { differences, type Trial, tryMapping } from '../operator/mapping-trial.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { Extra } from '../pinpoint/read-hire.ts'
import type { ConnectionMapping } from '../tenants/connection-values.ts'
import type { Command, CommandContext } from './command.ts'
import { connectionArguments } from './connection-arguments.ts'
import { mappingInFile } from './mapping-in-file.ts'
import { comparedResult, type TestedHire, testedResult } from './mapping-test-view.ts'
import { noteReveal, revealOption } from './shown-hires.ts'
import { unknownApplication } from './sources-list.ts'
import { type MappedConnection, withMapping } from './with-mapping.ts'
import { WrongUsage } from './wrong-usage.ts'

export const mappingTest: Command = {
  name: 'mapping test',
  summary: 'Show what a mapping makes of hires, field by field, and what the destination would not take',
  details:
    'Each hire is read at Pinpoint, and the fields with their lists at the destination, with what hires leave of the rate limits. ' +
    'Managers and others whom a field names are searched for, each address once. Nothing is written. ' +
    'Values that say something of a person are masked; those of the organisation, such as a department, and constants of the mapping are not, except for amounts.\n\n' +
    'Each field is sent, empty (Pinpoint has no value, and the run goes on without one), left out for a problem, or parks the run. The last lines count them and list the problems by ' +
    'field. In `--json`, each field has its `state` (`sent`, `empty`, `left_out`, `parks`), its `problem`, and for a person `found` or `unknown`; `counts` has `fields` and `problems`.\n\n' +
    'With `--against`, the mapping and the settings of that file are tried as well, and only what would change is shown. Of a file that has `mapping` alone, as `mapping suggest` prints ' +
    'it, each field takes the place of what the connection has for it.',
  arguments: connectionArguments,
  options: [
    { name: 'application', value: 'IDS', description: 'These applications, with commas between them' },
    { name: 'last', value: 'N', description: 'The last hires that reached us, at most 100' },
    {
      name: 'against',
      value: 'FILE',
      description: 'A file as for apply, or what mapping suggest prints; - for standard input',
    },
    {
      ...revealOption,
      description: 'Show the values in clear; who did so, when and of whom, is noted in the audit log',
    },
  ],
  examples: [
    'mapping test acme hibob --application 9000003',
    'mapping test acme hibob --last 20 --against tenants.yaml --json',
  ],
  prints: 'data',
  database: 'reads',
  run: (context) => {
    const choice = choiceOf(context)
    return withMapping(context, async (connection) => {
      const path = context.input.option('against')
      const other = path === undefined ? undefined : await mappingInFile(context, connection, path)
      const hires = await readHires(context, connection, { choice, other })
      const reveal = context.input.flag(revealOption.name)
      const subjects = hires
        .filter(({ trials }) => trials !== undefined)
        .map(({ application }) => application)
      if (reveal && subjects.length > 0)
        await noteReveal(context, connection.store, { tenant: connection.tenant.slug, subjects })
      const about = {
        tenant: connection.tenant.slug,
        integration: connection.integration.name,
        version: connection.connection.mapping?.version ?? null,
        masked: !reveal,
      }
      return other === undefined ? testedResult(about, hires) : comparedResult(about, hires)
    })
  },
}

type Choice = { readonly ids: readonly string[] } | { readonly last: number }

function choiceOf({ input }: CommandContext): Choice {
  const last = input.option('last')
  const ids = input
    .option('application')
    ?.split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
  if ((ids === undefined) === (last === undefined) || ids?.length === 0) {
    throw new WrongUsage('cli.no_hires', 'The command does not say which hires.', {
      fix: 'Name either --application, or --last with how many.',
    })
  }
  if (ids !== undefined) return { ids: [...new Set(ids)] }
  const count = Number(last)
  if (Number.isInteger(count) && count >= 1 && count <= mostHires) return { last: count }
  throw new WrongUsage('cli.limit_invalid', `--last ${last ?? ''} is not a number of hires.`, {
    fix: `Give a number from 1 to ${mostHires}.`,
  })
}

const mostHires = 100

interface Wanted {
  readonly choice: Choice
  readonly other: ConnectionMapping | undefined
}

async function readHires(
  { progress, signal }: CommandContext,
  connection: MappedConnection,
  { choice, other }: Wanted,
): Promise<readonly TestedHire[]> {
  const { tenant, fields, own, outcomes } = connection
  const extras = [...new Set([own, other].flatMap((one) => (one ? detailsOf(one.mapping) : [])))]
  const events = await eventsOf(connection, choice)
  const hires: TestedHire[] = []
  for (const { application: id, triggeredAt } of events) {
    signal.throwIfAborted()
    progress(`read ${hires.length} of ${events.length} hires`)
    const { application, notShown } = await readOne(connection, id, extras)
    if (application === undefined && 'ids' in choice) throw unknownApplication(id)
    const given = { fields, timeZone: tenant.timeZone, outcomes }
    const tried = async (mapping: ConnectionMapping): Promise<readonly Trial[] | undefined> =>
      application && tryMapping(mapping, { application, triggeredAt }, given)
    const trials = await tried(own)
    const after = other && (await tried(other))
    const differs = trials && after ? differences(trials, after) : []
    hires.push({ application: id, trials, after, differs, notShown })
  }
  return hires
}

/** With the time of the webhook, since some start dates are counted from it. */
async function eventsOf({ store, tenant }: MappedConnection, choice: Choice) {
  const reachedAt = (text: string | null | undefined) => (text ? new Date(text) : undefined)
  if ('ids' in choice) {
    const found: { application: string; triggeredAt: Date | undefined }[] = []
    for (const application of choice.ids) {
      const [event] = await store.runs.listEvents({ tenant: tenant.slug, subject: application, limit: 1 })
      found.push({ application, triggeredAt: reachedAt(event?.triggeredAt) })
    }
    return found
  }
  // One hire may have several events.
  const events = await store.runs.listEvents({ tenant: tenant.slug, limit: 5 * choice.last })
  const newest = new Map<string, Date | undefined>()
  for (const { subject, triggeredAt } of events)
    if (subject !== null && !newest.has(subject)) newest.set(subject, reachedAt(triggeredAt))
  return [...newest].slice(0, choice.last).map(([application, triggeredAt]) => ({ application, triggeredAt }))
}

async function readOne(
  { pinpoint }: MappedConnection,
  id: string,
  extras: readonly Extra[],
): Promise<{ readonly application: HiredApplication | undefined; readonly notShown: readonly Extra[] }> {
  const notShown: Extra[] = []
  const { application } = await pinpoint.hire(id, {
    extras: ['job', ...extras],
    onRefused: async (refused) => void notShown.push(...refused),
  })
  return { application, notShown }
}
