/**
 * The raw limit of working: so many at once make the calls of a hire, and write nothing. `POST` a list of application ids;
 * the answer comes when all are done.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

import { destinationsFromEnvironment } from './destinations.ts'
import { plainHire } from './plain-hire.ts'

const to = destinationsFromEnvironment()
const concurrency = Number(process.env['CONCURRENCY'])

async function workThrough(applications: readonly string[]): Promise<void> {
  let next = 0
  const slot = async () => {
    for (
      let application = applications[next++];
      application !== undefined;
      application = applications[next++]
    ) {
      await plainHire(to, application)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, slot))
}

const server = createServer((request, response) => {
  void (async () => {
    const began = performance.now()
    await workThrough((await json(request)) as readonly string[])
    response.end(JSON.stringify({ seconds: (performance.now() - began) / 1000 }))
  })()
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
process.once('SIGTERM', () => {
  server.closeAllConnections()
  server.close(() => void to.agent.close())
})
