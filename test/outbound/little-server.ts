/** Real little HTTP servers that misbehave on request, and clients of them. Closed after each test. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterEach } from 'vitest'

import { type Clock, secondsAfter, systemClock } from '../../src/base/clock.ts'
import { Failure } from '../../src/base/failure.ts'
import {
  type CallEnd,
  type CallInterceptor,
  type CallOutcome,
  type InterceptedCall,
  unlimited,
} from '../../src/outbound/call-interceptor.ts'
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

/** An interceptor that keeps pauses and call outcomes in memory. */
export function memoryLimits(clock: Clock = systemClock) {
  const paused = new Map<string, Date>()
  const ends: CallEnd[] = []
  const repeated: InterceptedCall[] = []
  const answers: CallOutcome[] = []
  const interceptor: CallInterceptor = {
    async repeat(call) {
      repeated.push(call)
      const permit = await interceptor.enter(call)
      return permit instanceof Date ? undefined : permit
    },
    async answered(_call, outcome) {
      answers.push(outcome)
    },
    async enter({ destination, bucket }) {
      const name = `${destination}.${bucket}`
      const until = paused.get(name)
      if (until !== undefined && until > clock.now()) return until
      return {
        async ended(end) {
          ends.push(end)
          if (end.retryInSeconds === undefined) return undefined
          const rests = secondsAfter(clock.now(), end.retryInSeconds)
          paused.set(name, rests)
          return rests
        },
      }
    },
  }
  return { ...interceptor, paused, ends, repeated, answers }
}

/** A client of that address, called `bob`, with a key. */
export function client(
  baseUrl: string,
  {
    limits = unlimited,
    readOnly = false,
    timeoutSeconds = 5,
    metrics = [],
    ...options
  }: Partial<OutboundOptions> & {
    readonly limits?: CallInterceptor
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
