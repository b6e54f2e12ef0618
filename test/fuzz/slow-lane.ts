/** Many connections that send a byte now and then, for as long as they are let: in the head, or in a large body. */
import { connect, type Socket } from 'node:net'

import { head, host, marker } from './throw.ts'

const betweenBytes = 400

export interface SlowLane {
  /** When each connection of the beginning has been cut by the service. Later ones take their places. */
  readonly firstCut: Promise<unknown>
  /** Milliseconds that each connection was let. Ends those that are still open. */
  end(): readonly number[]
}

export function openSlowLane(port: number, connections: number): SlowLane {
  const open = new Set<Socket>()
  const lived: number[] = []
  const startedAt = new Map<Socket, number>()

  const add = (index: number, cut: () => void = () => {}) => {
    const socket = connect({ port, host: '127.0.0.1' })
    open.add(socket)
    startedAt.set(socket, performance.now())
    const slowBody = index % 2 === 0
    const size = ['Content-Length', '1000000'] as const
    // In the body: nearly all of it at once, so that the service holds it.
    if (slowBody)
      socket.write(
        Buffer.concat([
          head({ headers: [host, size] }),
          Buffer.alloc(index % 8 === 0 ? 900_000 : 10, marker),
        ]),
      )
    else socket.write(`POST /webhooks/pinpoint/acme HTTP/1.1\r\nHost: door.example.com\r\nX-Slow: ${marker}`)
    const timer = setInterval(() => socket.write('a'), betweenBytes)
    socket.on('error', () => {})
    socket.resume()
    socket.once('close', () => {
      clearInterval(timer)
      open.delete(socket)
      lived.push(performance.now() - (startedAt.get(socket) ?? 0))
      cut()
      if (!ended) add(index)
    })
  }
  let ended = false
  const first = Array.from({ length: connections }, (_, index) => new Promise<void>((cut) => add(index, cut)))
  return {
    firstCut: Promise.all(first),
    end() {
      ended = true
      const cut = [...lived]
      const now = performance.now()
      const still = [...open].map((socket) => now - (startedAt.get(socket) ?? 0))
      for (const socket of open) socket.destroy()
      return [...cut, ...still]
    },
  }
}
