/** Group commit: while one batch is written the next one gathers, so that many callers share one commit. */
import { AsyncLocalStorage } from 'node:async_hooks'

import pg from 'pg'

import { type Clock, systemClock } from '../base/clock.ts'

interface Waiting<In, Out> {
  readonly item: In
  readonly inContext: InContext
  readonly resolve: (result: Out) => void
  readonly reject: (error: unknown) => void
}

/** Runs a function in the asynchronous context of a caller that waits for the batch. */
export type InContext = <T>(work: () => T) => T

const members = new AsyncLocalStorage<readonly InContext[]>()

/** The contexts of all callers in the batch that is being written; empty outside of one. */
export function batchMembers(): readonly InContext[] {
  return members.getStore() ?? []
}

export interface BatchOptions<In> {
  /** The most items of one batch. */
  readonly size: number
  /** Items that share a key are never in the same batch, for a statement that may not touch a row twice. */
  readonly keyOf?: ((item: In) => string | readonly string[]) | undefined
  /**
   * How long the next batch gathers after a batch that several callers shared: under load, a round trip is worth more than a
   * few milliseconds. A single caller never waits. Default 0.
   */
  readonly gatherMilliseconds?: number | undefined
  /** Measures the gathering. Default: the system's clock. */
  readonly clock?: Clock
}

/** For what a run writes between two outside calls, which take far longer. */
export const gatherWork = { gatherMilliseconds: 8 } as const

/**
 * `write` gets items and returns one result each, in order. When it fails, all of its callers fail; but an error that the
 * server reports may be the fault of one item, so then each item is written by itself.
 */
export function batched<In, Out>(
  { size, keyOf, gatherMilliseconds = 0, clock = systemClock }: BatchOptions<In>,
  write: (items: readonly In[]) => Promise<readonly Out[]>,
): (item: In) => Promise<Out> {
  let waiting: Waiting<In, Out>[] = []
  let writing = false

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const { batch, rest } = split(waiting, { size, keyOf })
      waiting = rest
      await writeBatch(batch)
      if (gatherMilliseconds > 0 && batch.length > 1) await clock.sleep(gatherMilliseconds)
    }
    writing = false
  }

  async function writeBatch(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const results = await writeTogether(batch, write)
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index]
        if (result === undefined) reject(new Error('the batch answered fewer results than items'))
        else resolve(result)
      }
    } catch (error) {
      if (batch.length > 1 && error instanceof pg.DatabaseError) {
        for (const caller of batch) await writeBatch([caller])
      } else for (const { reject } of batch) reject(error)
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, inContext: AsyncLocalStorage.snapshot(), resolve, reject })
      if (writing) return
      writing = true
      // Callers of the same turn of the event loop join the batch.
      setImmediate(() => void drain())
    })
}

/** In the context of the first caller: a batch belongs to all of its callers, and to no earlier one. */
function writeTogether<In, Out>(
  batch: readonly Waiting<In, Out>[],
  write: (items: readonly In[]) => Promise<readonly Out[]>,
): Promise<readonly Out[]> {
  const contexts = batch.map(({ inContext }) => inContext)
  const together = () => members.run(contexts, () => write(batch.map(({ item }) => item)))
  return (contexts[0] ?? ((work) => work()))(together)
}

function split<In, Out>(
  waiting: readonly Waiting<In, Out>[],
  { size, keyOf }: BatchOptions<In>,
): { readonly batch: readonly Waiting<In, Out>[]; readonly rest: Waiting<In, Out>[] } {
  const batch: Waiting<In, Out>[] = []
  const rest: Waiting<In, Out>[] = []
  const keys = new Set<string>()
  for (const caller of waiting) {
    const own = [keyOf?.(caller.item) ?? []].flat()
    if (batch.length === size || own.some((key) => keys.has(key))) rest.push(caller)
    else batch.push(caller)
    for (const key of own) keys.add(key)
  }
  return { batch, rest }
}
