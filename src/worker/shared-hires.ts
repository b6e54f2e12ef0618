/**
 * Shares one read of a hire between several attempts: the first attempts of all connections that start together in this process, and
 * the attempt that a recheck causes. Every other attempt follows a failure, a change or a person's decision, and reads for itself.
 */
import type { Clock } from '../base/clock.ts'
import type { ConnectionId, EventId, RunId } from '../base/ids.ts'
import type { ReadHire } from '../pinpoint/read-hire.ts'
import type { ClaimedRun } from '../runs/run.ts'

export interface Reader extends Pick<ClaimedRun, 'readsAfresh' | 'turn'> {
  readonly lease: { readonly run: RunId }
  readonly event: { readonly id: EventId }
  readonly connection: { readonly id: ConnectionId }
  /** The extra parts that its mapping needs; an attempt that needs others reads for itself. */
  readonly needs?: string
}

export interface SharedHires {
  read(run: Reader, fetch: () => Promise<ReadHire>): Promise<ReadHire>
  /**
   * A recheck has read it and resumes the run for that: once `resumed`, what it has read serves the attempt of this turn. One that
   * somebody else has resumed meanwhile reads for itself.
   */
  handOver(
    attempt: { readonly run: RunId; readonly turn: number },
    read: Pick<ReadHire, 'application'>,
    resumed: Promise<boolean>,
  ): void
}

/** Counted from the start of the read: attempts that start within this time share it. */
const sharedMilliseconds = 2_000
/** The run is already queued. */
const handedOverMilliseconds = 10_000

interface Fetched {
  readonly until: number
  readonly hire: Promise<ReadHire>
  readonly readers: Set<ConnectionId>
}

interface HandedOver {
  readonly until: number
  readonly turn: number
  readonly application: ReadHire['application']
  /** False when somebody else has resumed the run. */
  readonly isTheirs: Promise<boolean>
}

export function createSharedHires(clock: Clock): SharedHires {
  /** In the order of their start. Entries that have expired are dropped at the next hire. */
  const fetches = new Map<string, Fetched>()
  const handedOver = new Map<RunId, HandedOver>()

  const forget = (now: number) => {
    forgetUntil(now, fetches)
    forgetUntil(now, handedOver)
  }
  return {
    async read({ readsAfresh, turn, lease, event, connection, needs = '' }, fetch) {
      const now = clock.now().getTime()
      forget(now)
      const handed = handedOver.get(lease.run)
      handedOver.delete(lease.run)
      if (handed?.turn === turn && (await handed.isTheirs)) {
        return { application: handed.application, comments: undefined }
      }

      const key = `${event.id} ${needs}`
      const there = fetches.get(key)
      if (readsAfresh || there?.readers.has(connection.id) === true) return fetch()
      if (there === undefined) {
        const hire = fetch()
        fetches.set(key, { until: now + sharedMilliseconds, hire, readers: new Set([connection.id]) })
        return hire
      }
      there.readers.add(connection.id)
      return there.hire
    },
    handOver({ run, turn }, { application }, resumed) {
      const now = clock.now().getTime()
      forget(now)
      handedOver.delete(run)
      const isTheirs = resumed.catch(() => false)
      handedOver.set(run, { until: now + handedOverMilliseconds, turn, application, isTheirs })
    },
  }
}

function forgetUntil<Key>(now: number, kept: Map<Key, { readonly until: number }>): void {
  for (const [key, { until }] of kept) {
    if (until > now) break
    kept.delete(key)
  }
}
