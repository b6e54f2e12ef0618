/**
 * The raw limit of working: so many at once make the calls of a hire, and write nothing. `POST` a list of application ids;
 * the answer comes when all are done.
 */
import { json } from 'node:stream/consumers'

import { destinationsFromEnvironment } from './destinations.ts'
import { plainHire } from './plain-hire.ts'
import { serveBaseline } from './serve.ts'

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

await serveBaseline(
  async (request, response) => {
    const began = performance.now()
    await workThrough((await json(request)) as readonly string[])
    response.end(JSON.stringify({ seconds: (performance.now() - began) / 1000 }))
  },
  () => to.agent.close(),
)
