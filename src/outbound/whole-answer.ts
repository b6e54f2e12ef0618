/** Reads an answer to its end, within a limit of bytes, and in a place once it is not small. */
import { once } from 'node:events'

import type { Dispatcher } from 'undici'

import { type AnswerPlace, type AnswerPlaces, smallAnswer } from './answer-places.ts'
import type { ResponseHeaders } from './rate-limit-headers.ts'

/** In bytes, compressed or not. */
export const largestAnswer = { usual: 1024 * 1024, list: 2 * 1024 * 1024 } as const

const firstBytes = 4096

export interface WholeAnswer {
  readonly status: number
  readonly headers: ResponseHeaders
  /** Undefined when it was larger than the limit. */
  readonly body: Buffer | undefined
  /** To be called when the answer's bytes are no longer needed. */
  readonly leave: () => void
}

export interface ReadOptions {
  readonly maxBytes: number
  readonly places: AnswerPlaces
  readonly origin: string
  /** The request's signal, which aborts reading too. */
  readonly signal: AbortSignal
}

/** Rejects when the answer is incomplete. */
export async function readWhole(
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  { maxBytes, places, origin, signal }: ReadOptions,
): Promise<WholeAnswer> {
  const bytes = growingBuffer()
  let place: AnswerPlace | undefined
  const leave = () => place?.leave()
  let whole = true
  try {
    // Leaving the loop early closes the connection.
    for await (const chunk of body as AsyncIterable<Buffer>) {
      whole = bytes.length() + chunk.length <= maxBytes
      if (!whole) break
      bytes.add(chunk)
      if (place === undefined && bytes.length() > smallAnswer) place = await enter(places, origin, signal)
    }
  } catch (error) {
    leave()
    throw error
  }
  place?.arrived(bytes.length())
  return { status, headers, body: whole ? bytes.whole() : undefined, leave }
}

/** Reading stops meanwhile, which pauses the connection. */
async function enter(places: AnswerPlaces, origin: string, signal: AbortSignal): Promise<AnswerPlace> {
  const { promise: granted, resolve } = Promise.withResolvers<undefined>()
  const { waits, ...place } = places.take(origin, () => resolve(undefined))
  if (!waits) return place
  await Promise.race([granted, once(signal, 'abort')])
  if (signal.aborted) place.leave()
  signal.throwIfAborted()
  return place
}

/** Memory in proportion to the bytes received, however they are split: each chunk costs more than its bytes. */
function growingBuffer() {
  let bytes = Buffer.alloc(0)
  let length = 0
  return {
    length: () => length,
    add(chunk: Uint8Array) {
      if (length + chunk.length > bytes.length) {
        const grown = Buffer.allocUnsafeSlow(Math.max(firstBytes, length + chunk.length, 2 * bytes.length))
        bytes.copy(grown, 0, 0, length)
        bytes = grown
      }
      bytes.set(chunk, length)
      length += chunk.length
    },
    whole: () => bytes.subarray(0, length),
  }
}
