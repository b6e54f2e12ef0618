/** `audit` */
import type { AuditRecord } from '../access/audit.ts'
import { systemClock } from '../base/clock.ts'
import { counted } from '../base/duration.ts'
import type { Command } from './command.ts'
import { limitOf, limitOption } from './limit.ts'
import { givenSince, sinceOption } from './since.ts'
import { table } from './table.ts'
import { momentText } from './when.ts'
import { withStoreToRead } from './with-store.ts'

export const audit: Command = {
  name: 'audit',
  summary: 'List what people did: who, when, on which machine, with which command; newest first',
  details: 'Names are never in it. What is noted, and what is not: docs/operate/audit.md.',
  options: [sinceOption('Only what was done since'), limitOption],
  examples: ['audit', 'audit --since 7d --limit 200', 'audit --since 30d --json'],
  prints: 'data',
  database: 'reads',
  run: async (context) => {
    const [since, limit] = [givenSince(context.input, systemClock), limitOf(context.input)]
    return withStoreToRead(context, async ({ audit: log }) => {
      const records = await log.list({ since, limit })
      const data = records.map((record) => ({ ...record, subjects: [...record.subjects] }))
      if (records.length === 0) return { data, text: 'Nothing is noted in the audit log.' }
      const count = records.length < limit ? records.length : await log.count({ since })
      const entries = counted(count, 'entry', 'entries')
      return {
        data,
        text: table(['TIME', 'WHO', 'COMMAND', 'TENANT', 'WHAT'], records.map(rowOf)),
        next:
          count > records.length
            ? `${records.length.toLocaleString('en')} of ${entries}; --limit shows more.`
            : `${entries}.`,
      }
    })
  },
}

function rowOf({ at, actor, action, tenant, subjects, details }: AuditRecord): readonly string[] {
  const { command = '', machine, begun: _, ...did } = details
  return [
    momentText(new Date(at)),
    machine === undefined ? actor : `${actor} on ${machine}`,
    command,
    tenant ?? '(all)',
    whatText(action, subjects, did),
  ]
}

function whatText(
  action: string,
  subjects: readonly string[],
  did: Readonly<Record<string, string>>,
): string {
  if (action === 'hires.reveal') return `names seen: ${listText(subjects)}`
  const text = changeText(subjects, did)
  if (action !== 'change.begun') return text
  return `begun, and its end is not noted: it may have changed something${text === '' ? '' : ` (${text})`}`
}

/** `resumed 12, state parked`, `application 9000002, run run_…` */
function changeText(applications: readonly string[], did: Readonly<Record<string, string>>): string {
  const about = `application${applications.length === 1 ? '' : 's'} ${listText(applications)}`
  const facts = Object.entries(did).map(([name, value]) => `${name} ${value}`)
  return [...(applications.length === 0 ? [] : [about]), ...facts].join(', ')
}

const mostNamed = 3

function listText(all: readonly string[]): string {
  const named = all.slice(0, mostNamed).join(', ')
  return all.length > mostNamed ? `${named} and ${all.length - mostNamed} more` : named
}
