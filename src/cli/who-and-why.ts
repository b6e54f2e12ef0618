/** The user and the reason of a change, for timelines and the audit log. */
import { hostname, userInfo } from 'node:os'

import type { AuditSource } from '../access/audit.ts'
import type { Change } from '../access/note-changes.ts'
import type { RunView } from '../operator/operate.ts'
import type { Decision } from '../runs/run.ts'
import type { CommandContext, Input, OptionDefinition } from './command.ts'

export const reasonOption: OptionDefinition = {
  name: 'reason',
  value: 'TEXT',
  description: 'Why, for the timeline',
}

const longestReason = 200

/** One line, because it is shown in lists. */
export function reasonOf(input: Input): string | undefined {
  const line = input
    .option('reason')
    ?.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  return line === undefined || line === '' ? undefined : Array.from(line).slice(0, longestReason).join('')
}

export function auditSource(context: Pick<CommandContext, 'name' | 'environment'>): AuditSource {
  return { actor: user(context), machine: hostname(), command: context.name }
}

/** The user of the operating system; with sudo, also the person who called it. */
export function user({ environment }: Pick<CommandContext, 'environment'>): string {
  const own = ownUser()
  const person = environment['SUDO_USER']
  return person === undefined || person === own || !/^[\w.@-]{1,64}$/.test(person)
    ? own
    : `${person} as ${own}`
}

/** A user in a container may have no name. */
function ownUser(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}

/** Of a run that was named, for the audit log. A decision counts as evidence: it is noted with its reason. */
export function oneRun(
  { id, tenant, subject }: Pick<RunView, 'id' | 'tenant' | 'subject'>,
  decided?: { readonly decision: Decision; readonly reason: string | undefined },
): Change {
  const did = decided && {
    decision: decided.decision.is === 'record' ? `record ${decided.decision.record}` : 'make again',
    ...(decided.reason !== undefined && { reason: decided.reason }),
  }
  return { tenant, applications: [subject], did: { run: id, ...did } }
}
