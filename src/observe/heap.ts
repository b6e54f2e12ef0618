/**
 * How much memory the service takes for itself. The young generation is bounded where Node is started, since nothing else can;
 * what a busy minute needed is given back once the process is quiet, which V8 never does by itself.
 */
import { Session } from 'node:inspector'
import { performance } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'

import { type Clock, systemClock } from '../base/clock.ts'
import { type Log, safeError } from './log.ts'

/** Of what is in use: how much more may gather before it is looked through for garbage. Less costs more of the processor. */
const percent = 100
const everyMilliseconds = 5_000
/** As a share of the time since the last look. An idle service computes for less than 1%; above this somebody may wait for an answer. */
const quiet = 0.03
/** Collecting all garbage stops the process for 50 to 100 ms: not for less than this. */
const worthwhileBytes = 16 * 1024 * 1024

/** The heap of this process, or one that a test drives. */
export interface Heap {
  /** The share of the time since it was last asked in which the process computed. */
  busy(): number
  /** What the heap takes, garbage included. */
  bytes(): number
  /** Collects all garbage and gives back what is empty then. */
  collect(): Promise<void>
}

export interface HeapKeeper {
  stop(): Promise<void>
}

interface HeapKeeperDeps {
  readonly log: Log
  readonly heap?: Heap
  readonly clock?: Clock
}

/** Call it once the service has started. */
export function keepHeapSmall({ log, heap = ownHeap(), clock = systemClock }: HeapKeeperDeps): HeapKeeper {
  const stopping = new AbortController()
  let left = 0

  async function giveBackWhenQuiet(): Promise<void> {
    if (heap.busy() > quiet || heap.bytes() < left + worthwhileBytes) return
    const before = heap.bytes()
    const began = clock.now().getTime()
    await heap.collect()
    left = heap.bytes()
    const milliseconds = clock.now().getTime() - began
    log.debug({ bytesBefore: before, bytesAfter: left, milliseconds }, 'memory given back')
  }

  async function keepLooking(): Promise<void> {
    for (;;) {
      await clock.sleep(everyMilliseconds, stopping.signal)
      if (stopping.signal.aborted) return
      await giveBackWhenQuiet()
    }
  }

  const ended = keepLooking().catch((error: unknown) =>
    log.warn(safeError(error), 'memory is no longer given back in quiet moments'),
  )
  return {
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

/**
 * V8 lets the heap grow to several times of what is in use, and keeps what it once had: fine for a program that computes, and for a
 * service that waits most of its life memory that others could use.
 */
export function ownHeap(): Heap {
  setFlagsFromString(`--heap-growing-percent=${percent}`)
  let last = performance.eventLoopUtilization()
  return {
    busy() {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, last)
      last = now
      return utilization
    },
    bytes: () => getHeapStatistics().total_physical_size,
    collect: collectAllGarbage,
  }
}

/** What the bin in the developer tools' memory page does; `gc()` collects less, and only where a flag has made it. */
async function collectAllGarbage(): Promise<void> {
  const session = new Session()
  session.connect()
  try {
    await new Promise<void>((resolve, reject) => {
      session.post('HeapProfiler.collectGarbage', (error) => (error === null ? resolve() : reject(error)))
    })
  } finally {
    session.disconnect()
  }
}
