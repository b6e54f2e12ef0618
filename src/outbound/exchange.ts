/**
 * One request and its whole answer, on the dispatcher itself: undici's `request` makes a stream, a signal and an asynchronous
 * resource of each, which for a small answer costs more than the call.
 */
import type { Dispatcher } from 'undici'

import type { ResponseHeaders } from './retry-at.ts'

/** In bytes, packed or not. */
export const largestAnswer = 10 * 1024 * 1024

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
}

export function beginExchange(
  agent: Dispatcher,
  url: URL,
  { maxBytes, ...request }: Request & { readonly maxBytes: number },
): Exchange {
  const { promise: answer, resolve, reject } = Promise.withResolvers<WholeAnswer>()
  let controller: Dispatcher.DispatchController | undefined
  let aborted: Error | undefined
  let status = 0
  let headers: ResponseHeaders = {}
  const chunks: Buffer[] = []
  let length = 0

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
      length += chunk.length
      chunks.push(chunk)
      if (length <= maxBytes) return
      resolve({ status, headers, body: undefined })
      started.abort(new Error('The answer is too large.'))
    },
    onResponseEnd() {
      resolve({ status, headers, body: Buffer.concat(chunks, length) })
    },
    onResponseError(_, error) {
      reject(error)
    },
  }
  agent.dispatch({ origin: url.origin, path: url.pathname + url.search, ...request }, handler)
  return { answer, status: () => status, abort }
}
