/**
 * One request and its whole answer, on the dispatcher itself: undici's `request` makes a stream, a signal and an asynchronous
 * resource of each, which for a small answer costs more than the call.
 */
import type { Dispatcher } from 'undici'

import { type AnswerPlace, type AnswerPlaces, smallAnswer } from './answer-places.ts'
import type { ResponseHeaders } from './retry-at.ts'

/** In bytes, packed or not. */
export const largestAnswer = { usual: 1024 * 1024, list: 2 * 1024 * 1024 } as const

const firstBytes = 4096

type Request = Pick<
  Dispatcher.DispatchOptions,
  'method' | 'headers' | 'body' | 'headersTimeout' | 'bodyTimeout'
>

export interface WholeAnswer {
  readonly status: number
  readonly headers: ResponseHeaders
  /** Undefined when it was larger than may be read. */
  readonly body: Buffer | undefined
}

export interface Exchange {
  /** Rejects when no complete answer has come. */
  readonly answer: Promise<WholeAnswer>
  /** 0 until an answer has begun. */
  readonly status: () => number
  /** Whatever it is doing: waiting for a connection, sending, or reading. Its connection is closed. */
  readonly abort: (reason: Error) => void
  /** Nothing of the answer's bytes is needed any more. */
  readonly leave: () => void
}

export interface ExchangeOptions extends Request {
  readonly maxBytes: number
  readonly places: AnswerPlaces
}

export function beginExchange(
  agent: Dispatcher,
  url: URL,
  { maxBytes, places, ...request }: ExchangeOptions,
): Exchange {
  const { promise: answer, resolve, reject } = Promise.withResolvers<WholeAnswer>()
  let controller: Dispatcher.DispatchController | undefined
  let aborted: Error | undefined
  let status = 0
  let headers: ResponseHeaders = {}
  let place: AnswerPlace | undefined
  const body = growingBuffer()

  const abort = (reason: Error) => {
    aborted = reason
    controller?.abort(reason)
    reject(reason)
  }
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      controller = started
      // It has waited for a connection longer than anybody waits for it.
      if (aborted !== undefined) started.abort(aborted)
    },
    onResponseStart(_, code, given) {
      // 103 and the like come before the answer.
      if (code < 200) return
      status = code
      headers = given
    },
    onResponseData(started, chunk) {
      if (body.length() + chunk.length > maxBytes) {
        place?.arrived(body.length())
        resolve({ status, headers, body: undefined })
        started.abort(new Error('The answer is too large.'))
        return
      }
      body.add(chunk)
      if (place !== undefined || body.length() <= smallAnswer) return
      const { waits, ...taken } = places.take(url.origin, () => started.resume())
      place = taken
      if (waits) started.pause()
    },
    onResponseEnd() {
      place?.arrived(body.length())
      resolve({ status, headers, body: body.whole() })
    },
    onResponseError(_, error) {
      reject(error)
    },
  }
  agent.dispatch({ origin: url.origin, path: url.pathname + url.search, ...request }, handler)
  return { answer, status: () => status, abort, leave: () => place?.leave() }
}

/** What is held is in proportion to the bytes that came, in whatever pieces: each piece costs more than its bytes. */
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
