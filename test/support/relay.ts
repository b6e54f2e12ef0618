/** Another address for a server that listens on this machine only. */
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

export interface Relay {
  readonly port: number
  /** From now on nothing is passed on, and no connection ends: as with a server that is gone without a word. */
  hang(): void
  close(): Promise<void>
}

/** Listens at `host` and passes every connection on to `port` of this machine, byte by byte. */
export async function openRelay(host: string, port: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.pipe(other)
      // An end and an error of one side are told to the other by its end.
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  return {
    hang() {
      for (const socket of sockets) socket.unpipe().pause()
    },
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
