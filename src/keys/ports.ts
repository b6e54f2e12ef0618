/** What the rotation of keys, and the doctor, know of the processes of an installation. */
export interface LiveProcess {
  readonly name: string
  readonly role: 'all' | 'intake' | 'worker'
  /** Ids of its encryption keys. The first one encrypts. */
  readonly keys: readonly string[]
}

export interface ProcessStore {
  /** Alive; the next report follows within this time. */
  note(process: LiveProcess, seconds: number): Promise<void>
  /** Stopping now. */
  remove(name: string): Promise<void>
  live(): Promise<readonly LiveProcess[]>
}
