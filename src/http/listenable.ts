/** Whether an address and a port can be listened on, asked before anything is begun: a start that cannot serve leaves nothing behind. */
import { once } from 'node:events'
import { createServer } from 'node:net'

import { listenFailure, type Listening } from './listen-failure.ts'

export async function mustBeListenable(wanted: Listening): Promise<void> {
  const server = createServer((caller) => caller.destroy()).listen(wanted.port, wanted.host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw listenFailure(error, wanted)
  }
  server.close()
  await once(server, 'close')
}
