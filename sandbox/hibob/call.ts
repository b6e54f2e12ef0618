/** What every handler of the imitated HiBob is given: whose call it is, the state, and the time. */
import type { Company } from './seed.ts'
import type { HibobStore } from './store.ts'

export interface HibobCall {
  readonly store: HibobStore
  /** The company that the call's service user belongs to. */
  readonly company: Company
  readonly now: Date
}
