/** What a command has changed, noted in the audit log. */
import { NeedsPerson } from '../base/failure.ts'
import type { AuditLog, AuditSource } from './audit.ts'

export interface Change {
  /** The tenant's slug; null: all tenants. */
  readonly tenant: string | null
  /** Ids of those that it is about. */
  readonly applications?: readonly string[]
  /** Ids, counts, states and names of settings. Never a secret, and no text that somebody has typed freely. */
  readonly did: Readonly<Record<string, string | number>>
}

/** After the change, in a statement of its own. */
export async function noteChanges(
  audit: AuditLog,
  { actor, machine, command }: AuditSource,
  changes: readonly Change[],
): Promise<void> {
  if (changes.length === 0) return
  try {
    await audit.append(
      changes.map(({ tenant, applications = [], did }) => ({
        actor,
        action: 'change',
        tenant,
        subjects: applications,
        details: { command, machine, ...withTexts(did) },
      })),
    )
  } catch (cause) {
    throw new NeedsPerson(
      'access.not_noted',
      `"${command}" has made its change, but the change could not be noted in the audit log.`,
      {
        fix: 'Write down who changed what and when, since `audit` will not show it. Then run: pinpoint-webhooks doctor',
        cause,
      },
    )
  }
}

function withTexts(did: Change['did']): Record<string, string> {
  return Object.fromEntries(Object.entries(did).map(([name, value]) => [name, String(value)]))
}
