/** As much of a PostgreSQL server as a client sees that asks for TLS: its answer to that, and its certificate. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

import type { Certificate } from './certificate.ts'

export interface TlsOnlyServer {
  readonly port: number
  close(): Promise<void>
}

/** `certificate`: unset, it says that it has no TLS. */
export async function startTlsOnlyServer(certificate?: Certificate): Promise<TlsOnlyServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('data', () => {
      if (certificate === undefined) {
        socket.end('N')
        return
      }
      socket.write('S')
      const secure = new TLSSocket(socket, { isServer: true, ...certificate })
      secure.on('error', () => secure.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
