/** What is kept of hires, for whoever shows it. It is in clear: `access/` says who may see how much of it. */
import type { HireDetails } from './hire.ts'

export interface ApplicationOfTenant {
  /** The tenant's slug. */
  readonly tenant: string
  readonly application: string
}

/** How a person is looked for: by an address, or by words each of which is one of their names. */
export type HireSearch = { readonly email: string } | { readonly name: string }

export interface HireReader {
  /** In the order asked for. Undefined where nothing is kept; `unreadable` where no key that is here opens it. */
  read(
    applications: readonly ApplicationOfTenant[],
  ): Promise<readonly (HireDetails | 'unreadable' | undefined)[]>
  /** The newest first. */
  find(
    search: HireSearch & { readonly tenant?: string | undefined; readonly limit: number },
  ): Promise<readonly ApplicationOfTenant[]>
}
