/** Every fault does what it says: what the caller sees, and what was made all the same. */
import { gunzipSync } from 'node:zlib'

import { expect, test } from 'vitest'

import type { FaultRule, Sandbox } from '../../sandbox/index.ts'
import { callBob, callPinpoint, openSandbox, somebody } from './open.ts'

async function openFaulty(effect: FaultRule['effect'], rule: Partial<FaultRule> = {}): Promise<Sandbox> {
  const sandbox = await openSandbox()
  sandbox.faults.add({ system: 'hibob', operation: 'people.create', effect, ...rule })
  return sandbox
}

const create = (sandbox: Sandbox, email = somebody.email) =>
  callBob(sandbox, 'POST /people', { ...somebody, email })
/** A creation whose caller can give up. */
function post(sandbox: Sandbox, signal: AbortSignal): Promise<Response> {
  const authorization = `Basic ${Buffer.from('SERVICE-1001:hibob-sandbox-token').toString('base64')}`
  return fetch(`${sandbox.hibobUrl}/people`, {
    method: 'POST',
    signal,
    headers: { authorization },
    body: JSON.stringify(somebody),
  })
}

const made = (sandbox: Sandbox) => sandbox.ledger().counts.employees

test('cut before: the connection breaks and nobody was made', async () => {
  const sandbox = await openFaulty({ cut: 'before' })
  await expect(create(sandbox)).rejects.toThrow()
  expect(made(sandbox)).toBe(0)
  expect((await create(sandbox)).status).toBe(200)
})

test('cut after: the connection breaks and the employee is there', async () => {
  const sandbox = await openFaulty({ cut: 'after' })
  await expect(create(sandbox)).rejects.toThrow()
  expect(sandbox.ledger().employees).toMatchObject([{ email: somebody.email }])
  expect(sandbox.ledger().calls).toEqual({ 'hibob people.create cut': 1 })
})

test('a status before the effect makes nothing, after it makes everything', async () => {
  const sandbox = await openFaulty({ status: 503, headers: { 'retry-after': '7' } })
  const refused = await create(sandbox)
  expect([refused.status, refused.headers.get('retry-after'), made(sandbox)]).toEqual([503, '7', 0])
  sandbox.faults.add({ system: 'hibob', effect: { status: 500, at: 'after', body: { key: 'oops' } } })
  const lie = await create(sandbox)
  expect([lie.status, await lie.json(), made(sandbox)]).toEqual([500, { key: 'oops' }, 1])
})

test('429 speaks as each system speaks', async () => {
  const sandbox = await openFaulty({ rateLimit: { limit: 50, resetInSeconds: 30 } })
  sandbox.faults.add({ system: 'pinpoint', effect: { rateLimit: { resetInSeconds: 9 } } })
  const bob = await create(sandbox)
  expect([bob.status, bob.headers.get('x-ratelimit-limit'), bob.headers.get('retry-after')]).toEqual([
    429,
    '50',
    null,
  ])
  expect(Number(bob.headers.get('x-ratelimit-reset')) - Date.now() / 1000).toBeGreaterThan(28)
  const pinpoint = await callPinpoint(sandbox, '/comments')
  expect([pinpoint.status, pinpoint.headers.get('retry-after')]).toEqual([429, '9'])
})

test('malformed: half a JSON text, and the employee is there', async () => {
  const sandbox = await openFaulty({ malformed: true })
  const answer = await create(sandbox)
  expect(answer.status).toBe(200)
  await expect(answer.json()).rejects.toThrow(SyntaxError)
  expect(made(sandbox)).toBe(1)
})

test('malformed: half of a file', async () => {
  const sandbox = await openSandbox()
  const application = sandbox.pinpoint.addApplication({})
  const whole = sandbox.pinpoint.cvBytes(application.id)?.length ?? 0
  sandbox.faults.add({ system: 'files', operation: 'files.get', effect: { malformed: true } })
  const link = `${sandbox.url}/pinpoint-files/${sandbox.pinpoint.fileToken(application)}/cv.pdf`
  expect((await (await fetch(link)).arrayBuffer()).byteLength).toBe(Math.ceil(whole / 2))
})

test.each<[string, null | string | number | (string | number)[], object]>([
  ['/email', null, { email: null, firstName: 'Ada' }],
  ['/work/site', ['a', 1], { work: { site: ['a', 1], startDate: '2027-01-04' } }],
  ['/about/hobbies/0', 'none', { about: { hobbies: [] } }],
  ['/no~1such', 7, { firstName: 'Ada' }],
])('member %s: something else in its place, and the employee is there', async (member, becomes, seen) => {
  const sandbox = await openFaulty({ member, becomes })
  const answer = await create(sandbox)
  expect([answer.status, answer.headers.has('x-ratelimit-limit')]).toEqual([200, true])
  expect(await answer.json()).toMatchObject(seen)
  expect(made(sandbox)).toBe(1)
})

test('member: the whole, and one of a list', async () => {
  const sandbox = await openFaulty({ member: '', becomes: [] })
  expect(await (await create(sandbox)).json()).toEqual([])
  sandbox.faults.add({ system: 'hibob', effect: { member: '/employees/0', becomes: null } })
  expect(await (await callBob(sandbox, 'POST /people/search', {})).json()).toEqual({ employees: [null] })
})

test('packed: gzip with and without saying so, and a byte order mark', async () => {
  const sandbox = await openSandbox()
  const raw = async (packed: 'gzip' | 'gzip unsaid' | 'marked') => {
    sandbox.faults.add({ system: 'hibob', operation: 'folders.list', effect: { packed } })
    const answer = await callBob(sandbox, 'GET /docs/folders/metadata')
    return { said: answer.headers.get('content-encoding'), bytes: Buffer.from(await answer.arrayBuffer()) }
  }
  // The client of this test unpacks what is said to be packed.
  const said = await raw('gzip')
  expect([said.said, JSON.parse(said.bytes.toString())]).toMatchObject(['gzip', [{ name: 'Shared' }, {}, {}]])
  const unsaid = await raw('gzip unsaid')
  expect([unsaid.said, gunzipSync(unsaid.bytes).equals(said.bytes)]).toEqual([null, true])
  const { bytes } = await raw('marked')
  expect([bytes.subarray(0, 3).toString('hex'), bytes.subarray(3).equals(said.bytes)]).toEqual([
    'efbbbf',
    true,
  ])
})

test('html: 200 with a page instead of an answer, and nobody was made', async () => {
  const sandbox = await openFaulty({ html: true })
  const answer = await create(sandbox)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(made(sandbox)).toBe(0)
})

test.each([
  ['before', 0],
  ['after', 1],
] as const)('hang %s: no answer ever, and %i made', async (moment, many) => {
  const sandbox = await openFaulty({ hang: moment })
  const caller = new AbortController()
  const call = post(sandbox, caller.signal)
  await expect.poll(() => sandbox.faults.list()).toMatchObject([{ fired: 1 }])
  await expect.poll(() => made(sandbox)).toBe(many)
  caller.abort()
  await expect(call).rejects.toThrow()
  await expect.poll(() => sandbox.ledger().calls).toEqual({ 'hibob people.create hung': 1 })
  expect(made(sandbox)).toBe(many)
})

test('a delayed call does its work although the caller has hung up', async () => {
  const gate = Promise.withResolvers<undefined>()
  const asked = Promise.withResolvers<number>()
  const sleep = async (milliseconds: number) => {
    asked.resolve(milliseconds)
    await gate.promise
  }
  const sandbox = await openSandbox({ clock: { now: () => new Date(), sleep } })
  sandbox.faults.add({ system: 'hibob', operation: 'people.create', effect: { delayMs: 9_000 } })
  const caller = new AbortController()
  const call = post(sandbox, caller.signal)
  expect(await asked.promise).toBe(9_000)
  caller.abort()
  await expect(call).rejects.toThrow()
  gate.resolve(undefined)
  await expect.poll(() => made(sandbox)).toBe(1)
})

test.each([
  ['before', 0],
  ['after', 1],
] as const)(
  'hold %s: the call waits until it is released, with %i made meanwhile',
  async (moment, meanwhile) => {
    const sandbox = await openSandbox()
    const { id } = sandbox.faults.add({
      system: 'hibob',
      operation: 'people.create',
      effect: { hold: moment },
    })
    const call = create(sandbox)
    await sandbox.faults.whenHeld(id)
    expect(sandbox.faults.list()).toMatchObject([{ id, waiting: 1 }])
    expect(made(sandbox)).toBe(meanwhile)
    sandbox.faults.remove(id)
    expect((await call).status).toBe(200)
    expect(made(sandbox)).toBe(1)
  },
)

test('a caller that dies while held before the effect takes its call with it', async () => {
  const sandbox = await openSandbox()
  const { id } = sandbox.faults.add({
    system: 'hibob',
    operation: 'people.create',
    effect: { hold: 'before' },
  })
  const caller = new AbortController()
  const call = post(sandbox, caller.signal)
  await sandbox.faults.whenHeld(id)
  caller.abort()
  await expect(call).rejects.toThrow()
  await expect.poll(() => sandbox.ledger().calls).toEqual({ 'hibob people.create caller gone': 1 })
  expect(made(sandbox)).toBe(0)
})

test('every and times choose which calls suffer, account whose', async () => {
  const sandbox = await openFaulty({ status: 500 }, { every: 3 })
  const statuses = []
  for (let call = 0; call < 6; call++) statuses.push((await create(sandbox, `ada${call}@example.com`)).status)
  expect(statuses).toEqual([200, 200, 500, 200, 200, 500])
  sandbox.faults.clear()
  sandbox.faults.add({ system: 'hibob', times: 2, effect: { status: 500 } })
  sandbox.faults.add({ system: 'hibob', times: 'always', account: 'globex', effect: { status: 500 } })
  const search = async () => (await callBob(sandbox, 'POST /people/search', {})).status
  expect([await search(), await search(), await search()]).toEqual([500, 500, 200])
})
