/** A host of a tenant's own in front of its Pinpoint in the sandbox, which says what it likes. */
import { createServer, type IncomingMessage, request as forward, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Sandbox } from '../../sandbox/index.ts'

export interface OwnHost {
  /** What the tenant gives as its `apiUrl`. */
  readonly apiUrl: string
  close(): Promise<void>
}

export interface OwnHostOptions {
  readonly slug: string
  /** True: it has answered; else the sandbox does. */
  readonly answers?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Added to the sandbox's answers. */
  readonly headers?: Readonly<Record<string, string>>
}

export async function openOwnHost(
  { url }: Pick<Sandbox, 'url'>,
  { slug, answers = () => false, headers = {} }: OwnHostOptions,
): Promise<OwnHost> {
  const server = createServer((request, response) => {
    if (answers(request, response)) return
    const { method, headers: given, url: path = '' } = request
    const onwards = forward(`${url}${path}`, { method, headers: given }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...headers })
      answer.pipe(response)
    })
    onwards.on('error', () => response.destroy())
    request.pipe(onwards)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    apiUrl: `http://127.0.0.1:${port}/pinpoint/${slug}/api/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
