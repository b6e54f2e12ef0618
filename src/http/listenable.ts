/** Checks before anything starts that an address and a port can be listened on: a start that cannot serve leaves nothing behind. */
import { once } from 'node:events'
import { createServer } from 'node:net'

import { listenFailure, type Listening } from './listen-failure.ts'

export async function mustBeListenable(listening: Listening): Promise<void> {
  const server = createServer((caller) => caller.destroy()).listen(listening.port, listening.host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw listenFailure(error, listening)
  }
  server.close()
  await once(server, 'close')
}
