/** What the matrix is run on: an integration, a destination that can be counted, and the ways a hire can go. */
import type { JsonObject } from '../../src/base/json.ts'
import type { RunAdmin, RunView } from '../../src/operator/operate.ts'
import type { ApplicationSeed } from '../pinpoint/seed.ts'
import type { Sandbox } from '../server.ts'
import type { Boundary } from './crash-point.ts'

export interface Subject {
  /** Name of the integration. */
  readonly integration: string
  /** A module that exports `integrations`, this one among them. Processes that are killed load it, too. */
  readonly module: URL
  /** Makes an account of its own in the destination, empty, and says how a connection reaches it. */
  readonly account: (account: AccountRequest) => Account | Promise<Account>
  /** What the account holds now, by kind: `{ employees: 1, documents: 1 }`. */
  readonly effects: (account: string) => Counts | Promise<Counts>
  /** What it must hold after one hire. Comments in Pinpoint are counted by the kit, as `comments`. */
  readonly expected: Counts
  /** Other ways than the plain hire, for crash points that it does not pass. */
  readonly scenarios?: readonly Scenario[]
}

export type Counts = Readonly<Record<string, number>>

export interface AccountRequest {
  /** Lower-case letters, digits and hyphens. */
  readonly name: string
  /** The address under which calls to this one can get lost. Give the connection this one. */
  readonly through: (url: string) => string
}

export interface Account {
  readonly settings: JsonObject
  readonly secrets: Readonly<Record<string, string>>
}

export interface Scenario {
  /** In the table: "HiBob answers 429 to the new employee". */
  readonly title: string
  /** The crash points it is there for; only those steps of it are tried that no earlier scenario has. */
  readonly for: readonly Boundary[]
  /** Steps at which it is tried although an earlier scenario has them, because what they answer leads elsewhere here. */
  readonly again?: readonly string[]
  readonly hire?: ApplicationSeed
  /** Of the connection, beside its settings and secrets. */
  readonly connection?: JsonObject
  /** What its webhook says. Default: that the application was hired. */
  readonly body?: string
  /**
   * How the hire is heard of. `sweep`: its webhook never comes, and one of the schedule finds it. `left sweep`: so does one
   * that somebody has begun in a process that is gone. Default: by its webhook.
   */
  readonly through?: 'sweep' | 'left sweep'
  /** Before the webhook is sent: faults, records that are there already. */
  readonly arrange?: (hire: Arranged) => void
  /** What somebody does while the run is on its way. */
  readonly meanwhile?: (hire: Arranged, runAdmin: RunAdmin) => Promise<void>
  /** How many runs the hire has in the end. Default 1. */
  readonly runs?: number
  /** Each of them. Default `done`. */
  readonly ends?: RunView['state']
  readonly expected?: Counts
}

export interface Arranged {
  readonly account: string
  readonly application: string
  readonly email: string
  readonly sandbox: Sandbox
}

/** The plain hire. A heartbeat only comes by in a long one, and at no certain moment. */
export const plainHire: Scenario & { readonly not: readonly Boundary[] } = {
  title: 'a hire',
  for: [],
  not: ['queue.touch'],
}
