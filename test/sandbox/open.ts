/** Opens sandboxes for the tests of one file and closes them after each test. */
import { afterEach } from 'vitest'

import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts'

const open: Sandbox[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()))
})

export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options)
  open.push(sandbox)
  return sandbox
}

const basic = `Basic ${Buffer.from('SERVICE-1001:hibob-sandbox-token').toString('base64')}`

/** One call of the imitated HiBob, such as `POST /people`, as the service user of `acme`. */
export function callBob(sandbox: Sandbox, call: string, body?: unknown): Promise<Response> {
  const [method = '', path = ''] = call.split(' ')
  return fetch(`${sandbox.hibobUrl}${path}`, {
    method,
    headers: { authorization: basic, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

/** One call of the imitated Pinpoint with the key of `acme`. */
export function callPinpoint(sandbox: Sandbox, path: string, body?: unknown): Promise<Response> {
  return fetch(`${sandbox.pinpointUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'x-api-key': 'pinpoint-sandbox-key',
      accept: 'application/vnd.api+json',
      ...(body !== undefined && { 'content-type': 'application/vnd.api+json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

/** Somebody who can be created, with one value changed at need. */
export const somebody = {
  firstName: 'Ada',
  surname: 'Example',
  email: 'ada@example.com',
  work: { site: 'New York (demo)', startDate: '2027-01-04' },
}

export const applicationFor = (id: string) => ({
  data: {
    type: 'comments',
    attributes: { body_text: 'Record created with ID: 1' },
    relationships: { commentable: { data: { type: 'applications', id } } },
  },
})
