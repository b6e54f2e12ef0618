/** Where a request of the HTTP app came from. */
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

import { createPeerOf } from './peer.ts'

/** The bindings of a request: Node's own, or, without a connection of ours, the peer that the platform names. */
export type RequestBindings = Partial<HttpBindings> & { readonly peer?: string | undefined }

export function createContextPeer(trusted: readonly string[] = []): (c: Context) => string | undefined {
  const peerOf = createPeerOf(trusted)
  return (c) => {
    const { peer, incoming } = (c.env as RequestBindings | undefined) ?? {}
    return peerOf(peer ?? incoming?.socket.remoteAddress, c.req.header('x-forwarded-for'))
  }
}
