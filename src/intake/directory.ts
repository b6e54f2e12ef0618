/**
 * The tenants as intake sees them: in memory, at most a few seconds old, and read again at once after an announced
 * change or for an unknown slug. Loads are shared: a burst of requests costs one.
 */
import { type Clock, systemClock } from '../base/clock.ts'
import { Failure } from '../base/failure.ts'
import type { TenantStore } from '../tenants/ports.ts'
import type { DecryptedTenant } from '../tenants/tenant.ts'
import type { TenantDirectory } from './ports.ts'

export interface DirectoryOptions {
  readonly store: Pick<TenantStore, 'openAll'>
  readonly clock?: Clock
  /** Tenants are read again after this many milliseconds, since the announcement of a change can get lost. Default 5000. */
  readonly maxAge?: number
  /** Unknown slugs cause a read at most this often, in milliseconds: anybody can ask for them. Default 250. */
  readonly missInterval?: number
}

export interface LiveTenantDirectory extends TenantDirectory {
  bySlug(slug: string): Promise<DecryptedTenant | undefined>
  /** The tenants whose secrets decrypt. */
  all(): Promise<readonly DecryptedTenant[]>
  /** The tenants whose secrets do not decrypt, by slug, with the reason. */
  locked(): Promise<ReadonlyMap<string, Failure>>
  /** Forces the next call to read again. */
  invalidate(): void
}

interface Snapshot {
  readonly at: number
  readonly tenants: ReadonlyMap<string, DecryptedTenant | Failure>
}

export function createTenantDirectory(options: DirectoryOptions): LiveTenantDirectory {
  const { store, clock = systemClock, maxAge = 5000, missInterval = 250 } = options
  let snapshot: Snapshot | undefined
  let loading: Promise<Snapshot> | undefined

  const now = () => clock.now().getTime()

  function load(): Promise<Snapshot> {
    if (loading !== undefined) return loading
    const at = now()
    const mine = store
      .openAll()
      .then((tenants) => ({ at, tenants: new Map(tenants.map(({ slug, opened }) => [slug, opened])) }))
    loading = mine
    const ended = (loaded: Snapshot | undefined) => {
      // After `invalidate` another load is under way: this one may have read the state before the change.
      if (loading !== mine) return
      loading = undefined
      snapshot = loaded ?? snapshot
    }
    mine.then(ended, () => {
      ended(undefined)
    })
    return mine
  }

  /** At most `age` milliseconds old. */
  const notOlderThan = (age: number) =>
    snapshot !== undefined && now() - snapshot.at < age ? Promise.resolve(snapshot) : load()

  return {
    async bySlug(slug) {
      const known = (await notOlderThan(maxAge)).tenants.get(slug)
      const tenant = known ?? (await notOlderThan(missInterval)).tenants.get(slug)
      if (tenant instanceof Failure) throw tenant
      return tenant
    },
    async all() {
      const { tenants } = await notOlderThan(maxAge)
      return [...tenants.values()].flatMap((tenant) => (tenant instanceof Failure ? [] : [tenant]))
    },
    async locked() {
      const { tenants } = await notOlderThan(maxAge)
      return new Map(
        [...tenants].flatMap(([slug, tenant]) =>
          tenant instanceof Failure ? [[slug, tenant] as const] : [],
        ),
      )
    },
    invalidate() {
      snapshot = undefined
      loading = undefined
    },
  }
}
