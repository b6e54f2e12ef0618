/** What the rotation of keys, and the doctor, know of the processes of an installation. */
export interface LiveProcess {
  readonly name: string
  readonly role: 'all' | 'intake' | 'worker'
  /** Ids of its encryption keys. The first one encrypts. */
  readonly keys: readonly string[]
}

export interface ProcessStore {
  /** It lives, and says so again within this time. */
  note(process: LiveProcess, seconds: number): Promise<void>
  /** It stops now. */
  remove(name: string): Promise<void>
  live(): Promise<readonly LiveProcess[]>
}
