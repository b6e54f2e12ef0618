/** A request's raw body, within limits of size and of memory; or why there is none. */
import type { Readable } from 'node:stream'

import { TooManyPieces } from './portions.ts'

/** Pinpoint's bodies have a few hundred bytes. */
export const bodyLimitBytes = 1024 * 1024

/**
 * Larger bodies share a bounded number of places while they arrive: a thousand connections that each hold back the last
 * byte of a mebibyte would otherwise occupy a gibibyte. Small ones need no place, but together they are limited as well.
 */
const smallBytes = 64 * 1024
const largeAtOnce = 32
const smallTogetherBytes = 32 * 1024 * 1024

const firstBytes = 1024

/** `in_pieces`: its connection is destroyed. */
export type Body = Buffer | 'too_large' | 'cut_off' | 'busy' | 'in_pieces'
type Refused = Exclude<Body, Buffer>

type Chunks = AsyncIterable<Uint8Array>

/** The part of a request that is used. */
interface Incoming {
  readonly raw: { readonly body: Chunks | null }
  header(name: string): string | undefined
}

/** `direct`: Node's own stream of the same bytes, if the request came to Node's server. */
export type ReadBody = (request: Incoming, direct?: Readable) => Promise<Body>

/** The memory of all arriving bodies. */
interface Held {
  large: number
  smallBytes: number
}

export function createBodyReader(): ReadBody {
  const held: Held = { large: 0, smallBytes: 0 }
  return (request, direct) => {
    const declared = request.header('content-length')
    if (declared !== undefined && Number(declared) > bodyLimitBytes) return Promise.resolve('too_large')
    const collected = collect(held)
    const read =
      direct === undefined ? readChunks(request.raw.body, collected) : readDirect(direct, collected)
    return read.finally(() => collected.leave())
  }
}

interface Collected {
  /** Copies the chunk; or says why the body is refused. */
  readonly add: (chunk: Uint8Array) => Refused | undefined
  readonly whole: () => Buffer
  readonly leave: () => void
}

/** One growing buffer: memory in proportion to the bytes received, however they are split. */
function collect(held: Held): Collected {
  let bytes = Buffer.alloc(0)
  let length = 0
  let place = 0
  const leave = () => {
    held.large -= place
    if (place === 0) held.smallBytes -= bytes.length
  }

  function grow(needed: number): Refused | undefined {
    if (needed <= bytes.length) return undefined
    const size = Math.min(bodyLimitBytes, Math.max(firstBytes, needed, 2 * bytes.length))
    if (place === 0 && needed > smallBytes) {
      if (held.large >= largeAtOnce) return 'busy'
      leave()
      place = 1
      held.large += 1
    } else if (place === 0) {
      if (held.smallBytes + size - bytes.length > smallTogetherBytes) return 'busy'
      held.smallBytes += size - bytes.length
    }
    const grown = Buffer.allocUnsafeSlow(size)
    bytes.copy(grown, 0, 0, length)
    bytes = grown
    return undefined
  }

  return {
    add(chunk) {
      const needed = length + chunk.length
      const refused = needed > bodyLimitBytes ? 'too_large' : grow(needed)
      if (refused !== undefined) return refused
      bytes.set(chunk, length)
      length = needed
      return undefined
    },
    whole: () => bytes.subarray(0, length),
    leave,
  }
}

async function readChunks(chunks: Chunks | null, { add, whole }: Collected): Promise<Body> {
  try {
    for await (const chunk of chunks ?? []) {
      const refused = add(chunk)
      if (refused !== undefined) return refused
    }
    return whole()
  } catch {
    // Reading fails only when the sender goes away, or is cut off for being slow: neither is our error.
    return 'cut_off'
  }
}

/** The Web's request would copy the body once more, and make a promise of each piece. */
function readDirect(direct: Readable, { add, whole }: Collected): Promise<Body> {
  return new Promise((resolve) => {
    const taken = (chunk: Uint8Array) => {
      const refused = add(chunk)
      if (refused === undefined) return
      direct.off('data', taken)
      direct.pause()
      resolve(refused)
    }
    direct.on('data', taken)
    direct.on('end', () => resolve(whole()))
    direct.on('error', (error) => resolve(error instanceof TooManyPieces ? 'in_pieces' : 'cut_off'))
    direct.on('close', () => resolve('cut_off'))
    if (direct.destroyed) resolve('cut_off')
  })
}
