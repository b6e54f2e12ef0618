/**
 * CV files as Pinpoint serves them: a link on another host than the API, which redirects to short-lived storage on a
 * third. Neither wants the API key, and one that arrives here has leaked.
 */
import { gzipSync } from 'node:zlib'

import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'

import type { Clock } from '../../src/base/clock.ts'
import { type Gate, gated, pathPart, type SandboxContext, type SandboxEnv } from '../gate.ts'
import type { Application, Cv } from './application.ts'
import type { PinpointStore } from './store.ts'

/** A request for a file that carried credentials. The credential itself is not kept. */
export interface Leak {
  readonly at: string
  readonly path: string
  readonly header: string
}

export interface FileShelf {
  readonly store: PinpointStore
  readonly leaks: Leak[]
  /** Such as `http://127.0.0.1:4010`. */
  readonly origin: () => string
  readonly clock: Clock
}

/** How long a storage link works: five minutes, as Rails signs them. */
const storageLinkMs = 5 * 60 * 1000

const otherNames: Readonly<Record<string, string>> = { localhost: '127.0.0.1', '127.0.0.1': 'localhost' }

/** The link in an attachment: `localhost`, where the API is at `127.0.0.1`. An address of a network has no second name. */
export function fileUrl(shelf: FileShelf, application: Application, filename: string): string {
  const url = new URL(shelf.origin())
  url.hostname = otherNames[url.hostname] ?? url.hostname
  url.pathname = `/pinpoint-files/${shelf.store.fileToken(application)}/${encodeURIComponent(filename)}`
  return url.href
}

export function fileRoutes(gate: Gate, shelf: FileShelf): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>()
  const on = gated(gate, {
    system: 'files',
    account: (c) => shelf.store.fileOf(c.req.param('token') ?? '')?.tenant ?? '',
    tooMany: ({ resetInSeconds }) =>
      new Response('Slow down', { status: 503, headers: { 'retry-after': String(resetInSeconds) } }),
  })
  app.get(
    '/pinpoint-files/:token/:filename',
    on('files.link', (c) => toStorage(shelf, c)),
  )
  app.get(
    '/files/:token/:filename',
    on('files.get', (c) => fromStorage(shelf, c)),
  )
  return app
}

function toStorage(shelf: FileShelf, c: SandboxContext): Response {
  watchForLeaks(shelf, c)
  const token = pathPart(c, 'token')
  if (!shelf.store.fileOf(token)) return new Response('Not found', { status: 404 })
  const expires = shelf.clock.now().getTime() + storageLinkMs
  return c.redirect(
    `${shelf.origin()}/files/${token}/${encodeURIComponent(pathPart(c, 'filename'))}?expires=${expires}`,
    302,
  )
}

function fromStorage(shelf: FileShelf, c: SandboxContext): Response {
  watchForLeaks(shelf, c)
  const application = shelf.store.fileOf(pathPart(c, 'token'))
  if (Number(c.req.query('expires')) < shelf.clock.now().getTime()) {
    return new Response('<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>', {
      status: 403,
    })
  }
  const bytes = application && shelf.store.cvBytes(application.id, application.tenant)
  if (!bytes) return new Response('Not found', { status: 404 })
  shelf.store.people.gave(bytes, application)
  return served(c, bytes, application.cv)
}

function served(c: SandboxContext, bytes: Uint8Array, cv: Cv | undefined): Response {
  const type = cv?.filename.endsWith('.pdf') ? 'application/pdf' : 'application/octet-stream'
  const { encoding = 'none', breaksOffAfter, contentType = type } = cv ?? {}
  const sent = new Uint8Array(encoding === 'none' ? bytes : gzipSync(bytes))
  const headers = {
    'content-type': contentType,
    'content-length': String(sent.length),
    ...(encoding === 'gzip' && { 'content-encoding': 'gzip' }),
  }
  if (breaksOffAfter === undefined) return new Response(sent, { headers })
  const { outgoing } = c.env
  outgoing.writeHead(200, headers)
  outgoing.write(sent.subarray(0, breaksOffAfter), () => outgoing.destroy())
  return RESPONSE_ALREADY_SENT
}

function watchForLeaks(shelf: FileShelf, c: SandboxContext): void {
  for (const header of ['x-api-key', 'authorization', 'cookie']) {
    if (c.req.header(header) === undefined) continue
    shelf.leaks.push({ at: shelf.clock.now().toISOString(), path: c.req.path, header })
  }
}
