/** Everything a test can do in process, a caller in another process can do over HTTP. */
import { expect, test } from 'vitest'
import { z } from 'zod'

import type { Sandbox } from '../../sandbox/index.ts'
import { callBob, callPinpoint, openSandbox, somebody } from './open.ts'

async function control(sandbox: Sandbox, call: string, body?: unknown) {
  const [method = '', path = ''] = call.split(' ')
  const answer = await fetch(`${sandbox.url}/_sandbox${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, json: text === '' ? undefined : (JSON.parse(text) as unknown) }
}

test('applications are seeded one by one, in lists and by number, changed and removed', async () => {
  const sandbox = await openSandbox()
  const seeded = z.object({ applications: z.array(z.object({ id: z.string(), jobId: z.string() })) })
  const one = seeded.parse((await control(sandbox, 'POST /applications')).json).applications
  expect(one).toHaveLength(1)
  const list = [{ id: '8863807', firstName: 'Ada' }, { cv: null }]
  expect(seeded.parse((await control(sandbox, 'POST /applications', list)).json).applications[0]?.id).toBe(
    '8863807',
  )
  const many = await control(sandbox, 'POST /applications', { count: 300, stage: 'hired' })
  expect(new Set(seeded.parse(many.json).applications.map(({ id }) => id)).size).toBe(300)
  await control(sandbox, 'PATCH /applications/8863807', { startOn: '2027-02-01', stage: 'offer' })
  expect(sandbox.pinpoint.application('8863807')).toMatchObject({ startOn: '2027-02-01', stage: 'offer' })
  expect((await control(sandbox, 'DELETE /applications/8863807')).status).toBe(204)
  expect((await callPinpoint(sandbox, '/applications/8863807')).status).toBe(404)
})

test('a fault is armed, listed and lifted, and a wrong one is refused with the reason', async () => {
  const sandbox = await openSandbox()
  const rule = { system: 'hibob', operation: 'people.search', effect: { status: 500 } }
  const armed = await control(sandbox, 'POST /faults', rule)
  expect(armed).toMatchObject({ status: 201, json: { id: 'flt_1', times: 1, every: 1 } })
  expect((await callBob(sandbox, 'POST /people/search', {})).status).toBe(500)
  expect((await control(sandbox, 'GET /faults')).json).toMatchObject({ faults: [{ seen: 1, fired: 1 }] })
  await control(sandbox, 'DELETE /faults')
  expect((await control(sandbox, 'GET /faults')).json).toEqual({ faults: [] })
  const wrong = await control(sandbox, 'POST /faults', { system: 'payroll', effect: { status: 500 } })
  expect(wrong.status).toBe(400)
  expect(JSON.stringify(wrong.json)).toContain('system')
})

test('a held call is released over HTTP', async () => {
  const sandbox = await openSandbox()
  const rule = { system: 'hibob', operation: 'people.create', effect: { hold: 'before' } }
  const { id } = z.object({ id: z.string() }).parse((await control(sandbox, 'POST /faults', rule)).json)
  const call = callBob(sandbox, 'POST /people', somebody)
  await sandbox.faults.whenHeld(id)
  expect((await control(sandbox, `POST /hold/${id}/release`)).status).toBe(204)
  expect((await call).status).toBe(200)
  expect((await control(sandbox, `POST /hold/${id}/release`)).status).toBe(404)
})

test('the ledger and the log tell what was made and by which calls', async () => {
  const sandbox = await openSandbox()
  await control(sandbox, 'POST /employees', { email: 'there.before@example.com' })
  await callBob(sandbox, 'POST /people', somebody)
  const ledger = await control(sandbox, 'GET /ledger')
  expect(ledger.json).toMatchObject({
    counts: { employees: 1, documents: 0, comments: 0, leaks: 0 },
    employees: [{ seeded: true }, { seeded: false, email: somebody.email }],
    calls: { 'hibob people.create 200': 1 },
  })
  const counts = z.strictObject({ counts: z.unknown(), twins: z.unknown() })
  counts.parse((await control(sandbox, 'GET /ledger?only=counts')).json)
  const calls = await control(sandbox, 'GET /calls?system=hibob&operation=people.create')
  expect(calls.json).toMatchObject({
    calls: [{ method: 'POST', path: '/hibob/v1/people', status: 200, account: 'acme' }],
  })
  expect((await control(sandbox, 'GET /calls?system=pinpoint')).json).toEqual({ calls: [] })
})

test('tenants, companies and receivers are set up, and a webhook is signed ready to send', async () => {
  const sandbox = await openSandbox()
  await control(sandbox, 'PUT /tenants', { subdomain: 'globex', apiKey: 'globex-key' })
  await control(sandbox, 'PUT /companies', {
    name: 'globex',
    serviceUserId: 'SERVICE-2',
    sites: ['Berlin'],
  })
  await control(sandbox, 'PUT /receivers', { name: 'crm' })
  expect(sandbox.pinpoint.tenant('globex')?.apiKey).toBe('globex-key')
  expect(sandbox.hibob.company('globex')?.sites).toEqual(['Berlin'])
  expect(sandbox.receivers.receiver('crm')).toBeDefined()
  const webhook = await control(sandbox, 'POST /webhook', {
    secret: 'test_signing_secret',
    applicationId: 1,
    triggeredAt: 1614687278,
  })
  expect(webhook.json).toMatchObject({
    headers: { 'pinpoint-hmac-sha256': 'M/3jhaV2hH3hh+XM9bVYZzpX/Hc1jPcFq6kLfcZhDM4=' },
  })
})

test('a reset leaves one empty tenant and no fault', async () => {
  const sandbox = await openSandbox()
  const { id } = sandbox.pinpoint.addApplication()
  sandbox.faults.add({ system: 'hibob', effect: { status: 500 } })
  await callPinpoint(sandbox, `/applications/${id}`)
  expect((await control(sandbox, 'DELETE ')).status).toBe(204)
  expect(sandbox.ledger()).toMatchObject({ counts: { applications: 0 }, calls: {} })
  expect((await callBob(sandbox, 'POST /people', somebody)).status).toBe(200)
})

test('the log of calls stays small while all are counted', async () => {
  const { openCallLog } = await import('../../sandbox/call-log.ts')
  const log = openCallLog(10)
  const call = {
    system: 'hibob',
    operation: 'people.get',
    account: '',
    at: '',
    method: 'POST',
    path: '',
  } as const
  for (let number = 0; number < 1000; number++) log.begin(call)(200)
  expect(log.list()).toHaveLength(10)
  expect(log.list().at(-1)?.number).toBe(1000)
  expect(log.counts()).toEqual({ 'hibob people.get 200': 1000 })
})
