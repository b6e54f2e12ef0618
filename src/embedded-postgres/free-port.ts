/** Ports on the loopback interface. A free port may be taken a moment later: the caller then tries again. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

import { hasCode } from './if-there.ts'

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => {
      if (hasCode(error, 'EADDRINUSE', 'EACCES')) resolve(false)
      else reject(error)
    })
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/**
 * Below the range from which systems take the ports of outgoing connections: while the server is down, a client that
 * keeps reconnecting could otherwise be given the very port it asks for, talk to itself and keep the server out.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000)
    if (await isFree(port)) return port
  }
}
