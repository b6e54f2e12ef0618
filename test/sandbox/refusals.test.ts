/** The fakes refuse as unkindly as the real hosts and what stands in front of them. */
import { expect, test } from 'vitest'

import { callBob, callPinpoint, openSandbox, somebody } from './open.ts'

test('a firewall’s page meets the calls that hold a text, and for as long as it is told', async () => {
  let now = new Date('2026-11-24T10:00:00Z')
  const sandbox = await openSandbox({ clock: { now: () => now, sleep: () => Promise.resolve() } })
  sandbox.faults.add({ system: 'hibob', holding: 'Select-Union', effect: { page: { status: 403 } } })
  const refused = await callBob(sandbox, 'POST /people', { ...somebody, surname: 'Select-Union' })
  expect([refused.status, refused.headers.get('content-type')]).toEqual([403, 'text/html'])
  expect((await callBob(sandbox, 'POST /people', somebody)).status).toBe(200)

  sandbox.faults.clear()
  sandbox.faults.add({ system: 'hibob', forMs: 300_000, effect: { page: {} } })
  const search = () => callBob(sandbox, 'POST /people/search', {})
  expect((await search()).status).toBe(403)
  now = new Date(now.getTime() + 299_999)
  expect((await search()).status).toBe(403)
  now = new Date(now.getTime() + 1)
  expect((await search()).status).toBe(200)
})

test.each([
  ['key', 403, { key: 'forbidden' }],
  [401, 401, { errorMessage: 'No permissions to docs.read' }],
  [403, 403, { errorMessage: 'No permissions to docs.read' }],
] as const)('a right that is missing, as %s', async (deniedWith, status, body) => {
  const sandbox = await openSandbox()
  sandbox.hibob.configure('acme', { denied: ['docs.read'], deniedWith })
  const answer = await callBob(sandbox, 'GET /docs/people/1')
  expect(answer.status).toBe(status)
  expect(await answer.json()).toMatchObject(body)
})

test.each([
  ['key', { key: 'validations.firstName.invalid' }],
  ['errorMessage', { errorMessage: expect.stringContaining('firstName') as string }],
  ['errors', { errors: { firstName: { error: 'invalid' }, 'work.site': { error: 'invalid' } } }],
] as const)('a new employee is refused in the shape %s', async (refusals, body) => {
  const sandbox = await openSandbox()
  sandbox.hibob.configure('acme', { refusals })
  const wrong = { ...somebody, firstName: 'Ada 2', work: { site: 'Atlantis', startDate: '2027-01-04' } }
  const answer = await callBob(sandbox, 'POST /people', wrong)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject(body)
})

test.each([
  ['key', 400, { key: 'validations.email.alreadyexists', args: ['ada@example.com'] }],
  ['errorMessage', 422, { errorMessage: 'Email ada@example.com already exists' }],
  [
    'errors',
    409,
    { errors: { email: { error: 'invalid', message: 'Email ada@example.com already exists' } } },
  ],
] as const)('an e-mail that is taken is refused in the shape %s, with %i', async (refusals, status, body) => {
  const sandbox = await openSandbox()
  sandbox.hibob.configure('acme', { refusals, refusedWith: status })
  expect((await callBob(sandbox, 'POST /people', somebody)).status).toBe(200)
  const answer = await callBob(sandbox, 'POST /people', somebody)
  expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining(body)])
})

test('a status alone is said in the words of the system, and calls are named as its vendor names them', async () => {
  const sandbox = await openSandbox()
  for (const system of ['hibob', 'pinpoint'] as const) sandbox.faults.add({ system, effect: { status: 401 } })
  const bob = await callBob(sandbox, 'POST /people/search', {})
  expect(await bob.json()).toMatchObject({ key: 'tokenNotMatch' })
  expect(bob.headers.get('cf-ray')).toMatch(/^[0-9a-f]{16}-LHR$/)
  const pinpoint = await callPinpoint(sandbox, '/comments')
  expect(await pinpoint.json()).toMatchObject({ errors: [{ code: 'unauthorized', status: '401' }] })
  expect(pinpoint.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
})

test.each([
  ['a numeric id', 9_000_001],
  ['nobody', '1'],
])('a comment on %s is refused with two errors that say more in `meta`', async (_, id) => {
  const sandbox = await openSandbox()
  sandbox.pinpoint.addApplication({ id: '9000001' })
  const commentable = { data: { type: 'applications', id } }
  const answer = await callPinpoint(sandbox, '/comments', {
    data: { type: 'comments', attributes: { body_text: 'x' }, relationships: { commentable } },
  })
  expect(answer.status).toBe(422)
  const { errors } = (await answer.json()) as { readonly errors: readonly object[] }
  expect(errors).toMatchObject([
    { code: 'unprocessable_entity', meta: { attribute: 'commentable', code: 'blank' } },
    { code: 'unprocessable_entity', meta: { attribute: 'commentable_id' } },
  ])
})
