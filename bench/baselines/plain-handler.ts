/** What most people write: a handler that verifies the signature and makes all calls of the hire inside the request. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { buffer } from 'node:stream/consumers'

import { destinationsFromEnvironment } from './destinations.ts'
import { plainHire } from './plain-hire.ts'
import { serveBaseline } from './serve.ts'

const to = destinationsFromEnvironment()
const secret = process.env['SIGNING_SECRET'] ?? ''

interface Event {
  readonly data: { readonly application: { readonly id: number } }
}

await serveBaseline(
  async (request, response) => {
    const body = await buffer(request)
    const right = createHmac('sha256', secret).update(body).digest()
    const given = Buffer.from(String(request.headers['pinpoint-hmac-sha256']), 'base64')
    if (given.length !== right.length || !timingSafeEqual(given, right)) {
      response.writeHead(401).end()
      return
    }
    const { data } = JSON.parse(body.toString()) as Event
    await plainHire(to, String(data.application.id))
    response.writeHead(200).end()
  },
  () => to.agent.close(),
)
