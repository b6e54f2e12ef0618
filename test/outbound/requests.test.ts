/** What servers are sent beside what the client asks for. */
import { describe, expect, it } from 'vitest'

import { unlimited } from '../../src/outbound/call-interceptor.ts'
import { client, json, openOutbound, serve } from './little-server.ts'

const read = { method: 'GET', path: '/x', bucket: 'search' } as const

describe('A request', () => {
  it.each([
    ['CV.pdf', 'filename="CV.pdf"'],
    ['Zoë (1)\u2019s.pdf', 'filename="Zoë (1)\u2019s.pdf"'],
    ['\ud800\u{1f600}.pdf', 'filename="\ufffd\u{1f600}.pdf"'],
  ])('the name %j of a file is sent as browsers send it', async (name, sent) => {
    const server = await serve((response) => json(response, 200, {}))
    const file = { field: 'file', name, type: 'application/pdf', bytes: Buffer.from('x') }
    await client(server.url).send({ method: 'POST', path: '/x', file, bucket: 'docs' })
    expect(server.requests[0]!.body.toString()).toContain(`form-data; name="file"; ${sent}\r\n`)
  })

  it('names who runs the service to the APIs that ask for it, and to no other (F16)', async () => {
    const server = await serve((response) => json(response, 200, {}))
    const options = { baseUrl: server.url, headers: {}, destination: 'bob' }
    for (const vendorName of ['Hire Works', undefined]) {
      const open = openOutbound({ vendorName }).openHttp(unlimited, { readOnly: true })
      await open({ ...options, namesVendor: true }).send(read)
      await open(options).send(read)
    }
    expect(server.requests.map(({ headers }) => headers['x-vendor-name'])).toEqual([
      'Hire Works',
      undefined,
      undefined,
      undefined,
    ])
  })
})
