/** Whose hire a call is about. Each hire of the kit has a tenant of its own, so the tenant's slug names it. */
import { AsyncLocalStorage } from 'node:async_hooks'

import type { EventId } from '../../src/base/ids.ts'
import type { Job } from '../../src/queue/ports.ts'
import type { ClaimedRun } from '../../src/runs/run.ts'
import type { ClaimedSweep } from '../../src/sweeps/ports.ts'

export interface Owners {
  /** Learns which event became of this tenant's delivery. */
  recording<T extends { readonly event: EventId | undefined }>(
    account: string,
    record: () => Promise<T>,
  ): Promise<T>
  /** Tenants whose delivery was stored, or is being stored, and whose job this process has not fetched. */
  unfetched(): readonly string[]
  fetched(accounts: readonly string[]): void
  /** Tenants whose delivery was stored, or is being stored, and whose run this process has not begun. */
  unbegun(): readonly string[]
  begun(events: readonly EventId[]): Promise<readonly string[]>
  /** Deliveries that come meanwhile wait, so that it is known beforehand whose runs may begin. */
  beginning<T>(begin: () => Promise<T>): Promise<T>
  /** A run can begin before the answer to the commit of its event has arrived: then that answer is waited for. */
  jobs(jobs: readonly Job[]): Promise<readonly string[]>
  claimed(run: ClaimedRun): void
  working<T>(work: Pick<ClaimedRun | ClaimedSweep, 'tenant'>, perform: () => Promise<T>): Promise<T>
  /** The tenant of the run or sweep that is being performed. */
  current(): readonly string[]
}

export function createOwners(): Owners {
  const accounts = new Map<string, string>()
  const recordings = new Set<Promise<unknown>>()
  const unfetched = new Set<string>()
  const unbegun = new Set<string>()
  let begins: Promise<unknown> | undefined
  const performing = new AsyncLocalStorage<string>()

  async function accountsOf(ids: readonly string[]): Promise<readonly string[]> {
    if (ids.some((id) => !accounts.has(sortable(id)))) await Promise.all(recordings)
    return ids.flatMap((id) => accounts.get(sortable(id)) ?? [])
  }

  return {
    async recording(account, record) {
      while (begins !== undefined) await begins
      unfetched.add(account)
      unbegun.add(account)
      const recorded = record().then((stored) => {
        if (stored.event !== undefined) accounts.set(sortable(stored.event), account)
        return stored
      })
      const settled = recorded.catch(() => undefined)
      recordings.add(settled)
      void settled.finally(() => recordings.delete(settled))
      return recorded
    },
    unfetched: () => [...unfetched],
    fetched: (those) => those.forEach((account) => unfetched.delete(account)),
    unbegun: () => [...unbegun],
    async begun(events) {
      const begun = await accountsOf(events)
      for (const account of begun) unbegun.delete(account)
      return begun
    },
    async beginning(begin) {
      const begun = begin()
      const over = begun
        .catch(() => undefined)
        .then(() => {
          if (begins === over) begins = undefined
        })
      begins = over
      return begun
    },
    jobs: (jobs) => accountsOf(jobs.map(({ run }) => run)),
    claimed: ({ event, tenant }) => void accounts.set(sortable(event.id), tenant.slug),
    working: ({ tenant }, perform) => performing.run(tenant.slug, perform),
    current() {
      const account = performing.getStore()
      return account === undefined ? [] : [account]
    },
  }
}

/** The part that a run's id shares with its event's. */
function sortable(id: string): string {
  return id.split('_')[1] ?? ''
}
