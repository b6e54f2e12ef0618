/** The audit log: what people did that has to be accounted for. It is only ever added to. */

export interface AuditEntry {
  /** As this machine knows them. */
  readonly actor: string
  /**
   * `change.begun`: a command that may change something is about to. It ends with what it changed, one entry for each tenant, with
   * nothing, or with a failure, after which part of it may be done. `checked`: it ended with what `connections check` has found, which
   * the doctor repeats and `audit` does not show.
   */
  readonly action: 'hires.reveal' | 'change.begun' | 'change' | 'change.nothing' | 'change.failed' | 'checked'
  /** The tenant's slug; null: all tenants. */
  readonly tenant: string | null
  /** Ids of applications. */
  readonly subjects: readonly string[]
  /** Nothing personal, and nothing secret. */
  readonly details: Readonly<Record<string, string>>
}

/** Who does something, as this machine knows them, on which machine, and with which command. */
export interface AuditSource {
  readonly actor: string
  readonly machine: string
  readonly command: string
}

export interface AuditLog {
  /** Their ids. */
  append(entries: readonly AuditEntry[]): Promise<readonly string[]>
}

/** An entry as it is stored. */
export interface AuditRecord extends Omit<AuditEntry, 'action'> {
  /** Also one that only a newer version writes. */
  readonly action: string
  /** ISO 8601. */
  readonly at: string
}

export interface AuditReader {
  /** Newest first, without what has ended: of a command that has begun what became of it, of one that changed nothing nothing. */
  list(filter: { readonly since: Date | undefined; readonly limit: number }): Promise<readonly AuditRecord[]>
  count(filter: { readonly since: Date | undefined }): Promise<number>
}
