/** `mapping suggest` */
import { NeedsPerson } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import { isRecord } from '../base/refusal.ts'
import { isDefault, needsOf, suggest, type Suggestion, unusedDivisions } from '../mapping/suggest.ts'
import type { Job } from '../pinpoint/hired-application.ts'
import { collectOpenJobs } from '../pinpoint/list-jobs.ts'
import type { Detail } from '../pinpoint/read-hire.ts'
import type { Command } from './command.ts'
import { connectionArguments } from './connection-arguments.ts'
import { defaultsOf } from './mapping.ts'
import { suggestionText } from './mapping-suggest-view.ts'
import { type MappedConnection, settingsDeciding, withMapping } from './with-mapping.ts'

export const mappingSuggest: Command = {
  name: 'mapping suggest',
  summary:
    'Propose tables of values for the titles, departments, locations and divisions of all open jobs, as YAML to confirm',
  details:
    'All open jobs are read at Pinpoint, confidential ones too, and where offers hold the title, the offers of the last 100 hires; they are compared with the ' +
    'lists that the destination has now. What is spelled alike needs no entry; what is near gets one, which a person has to confirm; what has nothing near ' +
    'is a comment. Nothing is written. `mapping test --against` takes the output as it is.\n\n' +
    'Pinpoint is asked once for each 100 open jobs and once for the hires, with what hires leave of the rate limit.',
  arguments: connectionArguments,
  examples: ['mapping suggest acme hibob', 'mapping suggest acme hibob --json'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withMapping(context, async (connection) => {
      const { own, fields } = connection
      const needs = needsOf(own, fields)
      const { jobs, isLast, without } = await openJobsOf(connection, needs.ofJobs)
      const offers = needs.offers ? await connection.pinpoint.recentOffers() : []
      const seen = { jobs, offers: 'refused' in offers ? [] : offers }
      const found = suggest(own, seen, fields)
      const divisions = unusedDivisions(own, seen, fields)
      const mapping = Object.fromEntries(
        found.filter(({ entries }) => entries.length > 0).map((one) => [one.id, ruleWith(connection, one)]),
      )
      const settings = settingsDeciding(connection, Object.keys(mapping))
      const { tenant, integration } = connection
      const notShown = [...without, ...('refused' in offers ? (['offers'] as const) : [])]
      return {
        data: {
          tenant: tenant.slug,
          integration: integration.name,
          jobs: jobs.length,
          allJobs: isLast,
          hires: seen.offers.length,
          notShown,
          mapping,
          insteadOfSettings: settings,
          targets: found.map(suggestionData),
          unusedDivisions: divisions,
        },
        text: suggestionText(found, {
          mapping,
          settings,
          jobs: jobs.length,
          hires: seen.offers.length,
          divisions,
          notShown,
          isLast,
          title: integration.title,
        }),
      }
    }),
}

interface OpenJobs {
  readonly jobs: readonly Job[]
  readonly isLast: boolean
  /** What Pinpoint does not send along with them. */
  readonly without: readonly Detail[]
}

async function openJobsOf({ pinpoint }: MappedConnection, wanted: readonly Detail[]): Promise<OpenJobs> {
  // What a refusal is meant for it does not say.
  for (const asked of [wanted, []]) {
    const jobs = new Map<string, Job>()
    const read = await collectOpenJobs((page) => pinpoint.openJobs(page, asked), jobs)
    if ('isLast' in read)
      return { jobs: [...jobs.values()], isLast: read.isLast, without: asked === wanted ? [] : wanted }
    if (asked === wanted) continue
    throw new NeedsPerson('cli.jobs_not_shown', `The API key may not read jobs (${read.refused}).`, {
      fix: 'Give the key the permission Job: Read in Pinpoint.',
    })
  }
  throw new Error('Nothing was asked for.')
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

function suggestionData({ id, title, known, hidden, entries, open }: Suggestion): JsonObject {
  return {
    ...{ target: id, title, known, listShown: !hidden },
    entries: entries.map((one) => ({ ...one })),
    open: open.map((one) => ({ ...one })),
  }
}
