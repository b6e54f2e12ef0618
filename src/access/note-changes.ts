/** What a command has changed, noted in the audit log: that it begins before anything is changed, and what became of it. */
import { Failure, NeedsPerson } from '../base/failure.ts'
import type { AuditEntry, AuditLog, AuditSource } from './audit.ts'

export interface Change {
  /** The tenant's slug; null: all tenants. */
  readonly tenant: string | null
  /** Ids of those that it is about. */
  readonly applications?: readonly string[]
  /** Ids, counts, states, names of settings, and why a person has decided. Never a secret, and nothing else that was typed freely. */
  readonly did: Readonly<Record<string, string | number>>
}

/** What a check has found. */
export interface Found {
  /** What was checked: all, a tenant, or a connection, as the command names them. */
  readonly scope: string
  /** `acme hibob` → the names of what is not well there; without those that are. */
  readonly connections: Readonly<Record<string, string>>
}

/** What is known of a change before it is made. */
export interface Begun {
  readonly tenant: string | null
  /** Ids that were typed. */
  readonly ids: readonly string[]
}

/** A command that is killed halfway leaves the entry of its beginning: what cannot be noted is not done. */
export async function noted<Result extends { readonly changes: readonly Change[]; readonly found?: Found }>(
  audit: AuditLog,
  source: AuditSource,
  { begun, work }: { readonly begun: Begun; readonly work: () => Promise<Result> },
): Promise<Result> {
  const note = notes(audit, source)
  const id = await note.begun(begun)
  let result: Result
  try {
    result = await work()
  } catch (error) {
    // Where this fails too, the entry of the beginning stays without an end.
    await note.failed(id, begun, error).catch(() => {})
    throw error
  }
  await note.changed(id, result)
  return result
}

function notes(audit: AuditLog, { actor, machine, command }: AuditSource) {
  const entry = (action: AuditEntry['action'], { tenant, applications = [], did }: Change): AuditEntry => ({
    ...{ actor, action, tenant, subjects: applications },
    details: { command, machine, ...withTexts(did) },
  })
  return {
    async begun({ tenant, ids }: Begun): Promise<string> {
      const did = ids.length === 0 ? {} : { named: ids.join(', ') }
      try {
        const [id = ''] = await audit.append([entry('change.begun', { tenant, did })])
        return id
      } catch (cause) {
        throw new NeedsPerson(
          'access.not_noted',
          `"${command}" could not be noted in the audit log, so nothing was changed.`,
          { fix: 'Run: pinpoint-webhooks doctor', cause },
        )
      }
    },
    async failed(begun: string, { tenant }: Begun, error: unknown): Promise<void> {
      const failed = error instanceof Failure ? error.code : 'bug'
      await audit.append([entry('change.failed', { tenant, did: { begun, failed } })])
    },
    async changed(
      begun: string,
      { changes, found }: { readonly changes: readonly Change[]; readonly found?: Found },
    ): Promise<void> {
      const entries = changes.map(({ did, ...change }) =>
        entry('change', { ...change, did: { ...did, begun } }),
      )
      const nothing = entry('change.nothing', { tenant: null, did: { begun } })
      const checked =
        found && entry('checked', { tenant: null, did: { ...found.connections, scope: found.scope, begun } })
      try {
        await audit.append(checked ? [...entries, checked] : entries.length === 0 ? [nothing] : entries)
      } catch (cause) {
        throw new NeedsPerson(
          'access.not_noted',
          `"${command}" has made its change, but what it changed could not be noted in the audit log, which says only that it began.`,
          {
            fix: 'Write down what was changed, since `audit` will not show it. Then run: pinpoint-webhooks doctor',
            cause,
          },
        )
      }
    },
  }
}

function withTexts(did: Change['did']): Record<string, string> {
  return Object.fromEntries(Object.entries(did).map(([name, value]) => [name, String(value)]))
}
