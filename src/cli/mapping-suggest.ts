/** `mapping suggest` */
import { NeedsPerson } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import { isRecord } from '../base/refusal.ts'
import { isDefault, suggest, type Suggestion } from '../mapping/suggest.ts'
import type { Job } from '../pinpoint/hired-application.ts'
import { collectOpenJobs } from '../pinpoint/list-jobs.ts'
import type { Command } from './command.ts'
import { defaultsOf } from './mapping.ts'
import { suggestionText } from './mapping-suggest-view.ts'
import { type MappedConnection, mappingOptions, withMapping } from './with-mapping.ts'

export const mappingSuggest: Command = {
  name: 'mapping suggest',
  summary:
    'Propose tables of values for the titles, departments and locations of all open jobs, as YAML to confirm',
  details:
    'All open jobs are read at Pinpoint, confidential ones too, and compared with the lists that the destination has now. What is spelled alike needs ' +
    'no entry; what is near gets one, which a person has to confirm; what has nothing near is a comment. Nothing is written.',
  options: mappingOptions,
  examples: [
    'mapping suggest --tenant acme --integration hibob',
    'mapping suggest --tenant acme --integration hibob --json',
  ],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withMapping(context, async (connection) => {
      const { jobs, isLast } = await openJobsOf(connection)
      const found = suggest(connection.own, jobs, connection.fields)
      const mapping = Object.fromEntries(
        found.filter(({ entries }) => entries.length > 0).map((one) => [one.id, ruleWith(connection, one)]),
      )
      const settings = settingsOf(connection, Object.keys(mapping))
      const { tenant, integration } = connection
      return {
        data: {
          tenant: tenant.slug,
          integration: integration.name,
          jobs: jobs.length,
          allJobs: isLast,
          mapping,
          insteadOfSettings: settings,
          targets: found.map(suggestionData),
        },
        text: suggestionText(found, {
          mapping,
          settings,
          jobs: jobs.length,
          isLast,
          title: integration.title,
        }),
      }
    }),
}

async function openJobsOf({
  pinpoint,
}: MappedConnection): Promise<{ readonly jobs: readonly Job[]; readonly isLast: boolean }> {
  const jobs = new Map<string, Job>()
  const read = await collectOpenJobs((page) => pinpoint.openJobs(page), jobs)
  if ('isLast' in read) return { jobs: [...jobs.values()], isLast: read.isLast }
  throw new NeedsPerson('cli.jobs_not_shown', `The API key may not read jobs (${read.refused}).`, {
    fix: 'Give the key the permission Job: Read in Pinpoint.',
  })
}

/** The rule as it is written now, or as the settings make it, with what is proposed. */
function ruleWith({ connection, own }: MappedConnection, { id, entries }: Suggestion): JsonObject {
  const byItself = isDefault(own.mapping.get(id))
  const written = byItself ? defaultsOf(connection)[id] : connection.mapping?.written[id]
  const added = Object.fromEntries(entries.map(({ value, choice }) => [value, choice]))
  if (!isRecord(written)) return { from: written ?? [], values: added }
  const { from, values, ...rest } = written as JsonObject
  return { from: from ?? [], values: { ...(isRecord(values) && values), ...added }, ...rest }
}

/** `apply` refuses a setting and a mapping that decide the same field. */
function settingsOf(
  { connection, integration }: MappedConnection,
  ids: readonly string[],
): readonly string[] {
  const names = ids.flatMap((id) => integration.mapping?.decidedBy?.[id] ?? [])
  return names.filter((name) => name in connection.settings)
}

function suggestionData({ id, title, known, hidden, entries, open }: Suggestion): JsonObject {
  return {
    ...{ target: id, title, known, listShown: !hidden },
    entries: entries.map((one) => ({ ...one })),
    open: open.map((one) => ({ ...one })),
  }
}
