/** The audit log: what people did that has to be accounted for. It is only ever added to. */

export interface AuditEntry {
  /** As this machine knows them. */
  readonly actor: string
  readonly action: 'hires.reveal'
  /** The tenant's slug. */
  readonly tenant: string
  /** Ids of applications. */
  readonly subjects: readonly string[]
  /** Nothing personal, and nothing secret. */
  readonly details: Readonly<Record<string, string>>
}

export interface AuditLog {
  append(entries: readonly AuditEntry[]): Promise<void>
}
