/** A baseline's server: says where it is, and ends with what it used. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export async function serveBaseline(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  end: () => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  process.once('SIGTERM', () => {
    server.closeAllConnections()
    server.close(() => void end())
  })
}
