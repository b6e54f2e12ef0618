/** Whether HOST and PORT can be listened on, asked before anything is begun: a start that cannot serve leaves nothing behind. */
import { once } from 'node:events'
import { createServer } from 'node:net'

import { listenFailure } from './listen-failure.ts'

export async function mustBeListenable({
  host,
  port,
}: {
  readonly host: string
  readonly port: number
}): Promise<void> {
  const server = createServer((caller) => caller.destroy()).listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw listenFailure(error, { host, port, setting: 'PORT' })
  }
  server.close()
  await once(server, 'close')
}
