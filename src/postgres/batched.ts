/** Group commit: while one batch is being written the next collects, so that many callers share one commit. */
import { AsyncLocalStorage } from 'node:async_hooks'

import pg from 'pg'

import { type Clock, systemClock } from '../base/clock.ts'

interface Waiting<In, Out> {
  readonly item: In
  readonly inContext: InContext
  readonly resolve: (result: Out) => void
  readonly reject: (error: unknown) => void
}

/** Runs a function in the asynchronous context of one who waits for the batch. */
export type InContext = <T>(work: () => T) => T

const members = new AsyncLocalStorage<readonly InContext[]>()

/** The contexts of all who share the batch that is being written; empty outside of one. */
export function batchMembers(): readonly InContext[] {
  return members.getStore() ?? []
}

export interface BatchOptions<In> {
  /** Items of one batch at most. */
  readonly size: number
  /** Items that share a key are never in the same batch, for a statement that may not touch a row twice. */
  readonly keyOf?: ((item: In) => string | readonly string[]) | undefined
  /**
   * After a batch that several shared the next one waits so long for company: at load a few milliseconds are worth less than a
   * round trip. One alone never waits. Default 0.
   */
  readonly gatherMilliseconds?: number | undefined
  /** What that is measured with. Default: the system's. */
  readonly clock?: Clock
}

/** For what a run writes between two calls to the outside, which take far longer. */
export const gatherWork = { gatherMilliseconds: 8 } as const

/**
 * `write` gets items and answers one result each, in order. When it fails, all of its callers fail; but what the server
 * answers to one statement may be the fault of one item, so then each is written by itself.
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
      await writeOne(batch)
      if (gatherMilliseconds > 0 && batch.length > 1) await clock.sleep(gatherMilliseconds)
    }
    writing = false
  }

  async function writeOne(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const results = await writeTogether(batch, write)
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index]
        if (result === undefined) reject(new Error('the batch answered fewer results than items'))
        else resolve(result)
      }
    } catch (error) {
      if (batch.length > 1 && error instanceof pg.DatabaseError) {
        for (const one of batch) await writeOne([one])
      } else for (const { reject } of batch) reject(error)
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, inContext: AsyncLocalStorage.snapshot(), resolve, reject })
      if (writing) return
      writing = true
      // Those who come in the same turn of the event loop come along.
      setImmediate(() => void drain())
    })
}

/** In the context of the first: a batch belongs to all of its members, and to nobody who was here earlier. */
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
  for (const one of waiting) {
    const own = [keyOf?.(one.item) ?? []].flat()
    if (batch.length === size || own.some((key) => keys.has(key))) rest.push(one)
    else batch.push(one)
    for (const key of own) keys.add(key)
  }
  return { batch, rest }
}
