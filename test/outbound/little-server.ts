/** Real little HTTP servers that misbehave on request, and clients of them. Closed after each test. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterEach } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { Failure } from '../../src/base/failure.ts'
import type { Limits } from '../../src/outbound/limits.ts'
import { createOutbound, type Outbound, type OutboundOptions } from '../../src/outbound/outbound.ts'
import type { CallMetrics } from '../../src/outbound/send.ts'
import { making } from '../support/making.ts'

const closing: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

export interface LittleServer {
  readonly url: string
  readonly port: number
  /** What was asked, in order. */
  readonly requests: readonly Asked[]
}
export interface Asked {
  readonly line: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

type Answer = (response: ServerResponse, request: IncomingMessage, number: number) => void

/** Answers each request after its whole body has come. */
export async function serve(answer: Answer): Promise<LittleServer> {
  const requests: Asked[] = []
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      requests.push({ line: `${request.method ?? ''} ${request.url ?? ''}`, headers: request.headers, body })
      answer(response, request, requests.length)
    })
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, requests }
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function openOutbound(options: Partial<OutboundOptions> = {}): Outbound {
  const outbound = createOutbound({ allowPrivateNetwork: true, clock: systemClock, ...options })
  closing.push(() => outbound.close())
  return outbound
}

export function memoryLimits(): Limits & { readonly paused: Map<string, Date> } {
  const paused = new Map<string, Date>()
  return {
    paused,
    pausedUntil: (bucket) => paused.get(bucket),
    pause: (bucket, until) => void paused.set(bucket, until),
  }
}

/** A client of that address, called `bob`, with a key. */
export function client(
  baseUrl: string,
  {
    limits = memoryLimits(),
    readOnly = false,
    timeoutSeconds = 5,
    metrics = [],
    ...options
  }: Partial<OutboundOptions> & {
    readonly limits?: Limits
    readonly readOnly?: boolean
    readonly timeoutSeconds?: number
    readonly metrics?: CallMetrics[]
  } = {},
) {
  const outbound = openOutbound({ onCall: (call) => metrics.push(call), ...options })
  return making(outbound.openHttp(limits, { readOnly }))({
    baseUrl,
    headers: { 'X-API-KEY': 'key-of-bob' },
    destination: 'bob',
    timeoutSeconds,
  })
}

/** The failure that this ends in. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (outcome instanceof Failure) return outcome
  throw new Error('expected a failure', { cause: outcome })
}
