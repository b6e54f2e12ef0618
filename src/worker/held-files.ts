/**
 * Bounds the memory for files that the runs of this process hold at once, from the first byte of a download to the end of the attempt
 * that needs the file, however many hires arrive together and however slow the downloads are. A file counts with the size that its
 * server announces, or else with the largest allowed size.
 */
import type { Clock } from '../base/clock.ts'
import { RetryLater } from '../base/failure.ts'
import type { DownloadFile } from '../base/http.ts'
import type { ConnectionId } from '../base/ids.ts'
import type { Counting, Outbound } from '../outbound/outbound.ts'

const mebibyte = 1024 * 1024
export const mostHeldBytes = 64 * mebibyte
/** One connection gets at most half, so that slow or large files of one tenant do not stop all others. */
export const mostHeldByOne = mostHeldBytes / 2
const longestWaitSeconds = 30

export interface HeldFiles {
  /** For one attempt of a run of this connection; `release` at its end. */
  open(connection: ConnectionId, counting?: Counting): { readonly download: DownloadFile; release(): void }
}

interface Waiter {
  readonly owner: ConnectionId
  readonly bytes: number
  readonly begin: () => void
}

export function createHeldFiles({
  download,
  clock,
}: {
  readonly download: Outbound['download']
  readonly clock: Clock
}): HeldFiles {
  const room = createRoom(clock)
  return {
    open(owner, counting) {
      let mine = 0
      return {
        async download(url, options) {
          let reserved = 0
          let kept = 0
          const reserve = async (size: number) => {
            const more = Math.min(size, mostHeldByOne) - reserved
            if (more <= 0) return
            await room.take(owner, more)
            reserved += more
          }
          try {
            const file = await download(url, { ...options, ...counting, reserve })
            if (file !== 'too_large') kept = Math.min(reserved, file.bytes.byteLength)
            return file
          } finally {
            mine += kept
            room.free(owner, reserved - kept)
          }
        },
        release() {
          room.free(owner, mine)
          mine = 0
        },
      }
    },
  }
}

/** `take` waits until there is room for this many bytes, up to a limit of time. */
function createRoom(clock: Clock) {
  const held = new Map<ConnectionId, number>()
  let waiting: readonly Waiter[] = []

  const heldBy = (owner: ConnectionId) => held.get(owner) ?? 0
  const add = (owner: ConnectionId, bytes: number) => {
    const now = heldBy(owner) + bytes
    if (now === 0) held.delete(owner)
    else held.set(owner, now)
  }
  const fits = (owner: ConnectionId, bytes: number) => {
    const total = [...held.values()].reduce((sum, one) => sum + one, 0)
    return total + bytes <= mostHeldBytes && heldBy(owner) + bytes <= mostHeldByOne
  }
  /** In order of arrival, but requests of a connection that has its half are skipped. */
  const beginWaiting = () => {
    for (const waiter of waiting) {
      if (!fits(waiter.owner, waiter.bytes)) continue
      add(waiter.owner, waiter.bytes)
      waiting = waiting.filter((other) => other !== waiter)
      waiter.begin()
    }
  }
  const free = (owner: ConnectionId, bytes: number) => {
    add(owner, -bytes)
    beginWaiting()
  }

  async function take(owner: ConnectionId, bytes: number): Promise<void> {
    if (waiting.length === 0 && fits(owner, bytes)) {
      add(owner, bytes)
      return
    }
    const begun = new AbortController()
    const waiter: Waiter = { owner, bytes, begin: () => begun.abort() }
    waiting = [...waiting, waiter]
    beginWaiting()
    await clock.sleep(longestWaitSeconds * 1000, begun.signal)
    if (begun.signal.aborted) return
    waiting = waiting.filter((other) => other !== waiter)
    throw new RetryLater('runs.files_busy', 'This process holds as many bytes of files as it may.', {
      kind: 'busy',
    })
  }

  return { take, free }
}
