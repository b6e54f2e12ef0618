/** What is thrown at the door: bytes for a socket, and what the answer may be. */
import { createHmac } from 'node:crypto'

import type { Random } from './random.ts'

/** Stands in bodies, headers, paths: no line of the log may hold it. */
export const marker = 'Quince-Marmalade'

export const tenants = { acme: 'the-secret-of-acme', globex: 'the-secret-of-globex' } as const
export type Slug = keyof typeof tenants

/**
 * `admitted`: signed with a tenant's secret, so it must be answered 200. `refused`: 4xx, or no answer at all. `either`: it
 * is signed, and whether the request around it is one is the HTTP parser's business.
 */
export type Expected = 'admitted' | 'refused' | 'either'

export interface Throw {
  readonly kind: string
  /** Written one after the other, without a pause. */
  readonly bytes: readonly Buffer[]
  readonly expected: Expected
  /** Closed after writing, without waiting for an answer. */
  readonly hangUp?: boolean
  /** How many requests these are. Default 1. */
  readonly requests?: number
  /** Sent by an HTTP client that keeps its connections, instead of a socket of its own. */
  readonly client?: boolean
  /** The body that is signed, where it is another than a hire. */
  readonly body?: Buffer
}

export type Kind = (random: Random) => Throw

export interface HeadOptions {
  readonly method?: string
  readonly path?: string
  readonly version?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
}

export function head({
  method = 'POST',
  path = '/webhooks/pinpoint/acme',
  version = '1.1',
  headers = [],
}: HeadOptions) {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.from(`${method} ${path} HTTP/${version}\r\n${lines}\r\n`, 'latin1')
}

export const host = ['Host', 'door.example.com'] as const
export const lengthOf = (body: Buffer) => ['Content-Length', String(body.length)] as const
export const signatureOf = (body: Buffer, secret: string = tenants.acme) =>
  ['PINPOINT-HMAC-SHA256', createHmac('sha256', secret).update(body).digest('base64')] as const

/** A request as Pinpoint would send it, but for what is given. */
export function signed(body: Buffer, options: HeadOptions = {}): readonly Buffer[] {
  const { headers = [], ...rest } = options
  return [head({ ...rest, headers: [host, lengthOf(body), signatureOf(body), ...headers] }), body]
}

/** One of a few hundred hires, so that some are duplicates. */
export function hire(random: Random): Buffer {
  const data = { application: { id: random.below(500) }, job: { id: 1, title: marker } }
  return Buffer.from(JSON.stringify({ event: 'application_hired', triggeredAt: 1_614_687_278, data }))
}
