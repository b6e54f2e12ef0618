import { describe, expect, it } from 'vitest'

import { hireEvent, signPinpoint } from '../../sandbox/index.ts'
import { openPool } from '../../src/postgres/database.ts'
import { freshDatabase } from '../support/database.ts'
import { signingSecret } from '../support/world.ts'
import { deliveryEvent, invokeUrl, urlEvent } from './events.ts'
import { type Functions, useFunctions } from './functions.ts'
import { clientOrReason } from './ric.ts'

const client = await clientOrReason()

const payload = { source: 'invoke' }

describe.skipIf(!client.ok)('the receive function under AWS’s own runtime client', () => {
  const open = useFunctions(client.ok ? client.program : '')
  let functions: Functions
  const hired = (email = 'ada@example.com') => {
    const { id, job } = functions.world.sandbox.pinpoint.addApplication({ email })
    return hireEvent(id, job.id)
  }

  it('stores a signed delivery, answers as the service does, and invokes the work function once', async () => {
    functions = await open()
    const receive = await functions.receive()
    const answer = await invokeUrl(receive, deliveryEvent(hired()))
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      json: { duplicate: false, runs: 1, event: expect.stringMatching(/^evt_/) as string },
    })
    expect(functions.aws.invocations).toEqual([{ functionName: 'the-work-function', type: 'Event', payload }])
    expect(await functions.world.store.runs.listRuns({ limit: 5 })).toMatchObject([{ state: 'queued' }])
  })

  it('checks the signature over the bytes that were sent, base64 or not', async () => {
    functions = await open()
    const receive = await functions.receive()
    // Spaces, an escape and letters outside ASCII: none of it survives being parsed and written again.
    const body = `${hired().replace('{', '{ "note": "Ad\\u00e0 – ✓",  ')}\n`
    expect(await invokeUrl(receive, deliveryEvent(body, { base64: true }))).toMatchObject({ status: 200 })
    expect(await invokeUrl(receive, deliveryEvent(body))).toMatchObject({
      status: 200,
      json: { duplicate: true, runs: 0 },
    })
  })

  it.each([
    ['a wrong signature', 'AAAA'],
    ['no signature', ''],
    ['the signature of another body', signPinpoint(signingSecret, '{}')],
  ])('refuses %s and does not invoke the work function', async (_what, signature) => {
    functions = await open()
    const receive = await functions.receive()
    expect(await invokeUrl(receive, deliveryEvent(hired(), { signature }))).toMatchObject({
      status: 401,
      json: { error: 'signature_wrong' },
    })
    expect(functions.aws.invocations).toEqual([])
    expect(await functions.world.store.runs.listRuns({ limit: 5 })).toEqual([])
  })

  it('answers a duplicate with 200 and does not invoke the work function again', async () => {
    functions = await open()
    const receive = await functions.receive()
    const event = deliveryEvent(hired())
    const first = await invokeUrl(receive, event)
    const second = await invokeUrl(receive, event)
    expect(second.json).toEqual({ ...(first.json as object), duplicate: true, runs: 0 })
    expect(functions.aws.invocations).toHaveLength(1)
  })

  it.each(['fails', 'hang'] as const)(
    'answers 200 within two seconds when the invocation %s',
    async (how) => {
      functions = await open()
      functions.aws.lambda = how
      const receive = await functions.receive()
      const began = performance.now()
      expect(await invokeUrl(receive, deliveryEvent(hired()))).toMatchObject({ status: 200 })
      expect(performance.now() - began).toBeLessThan(2_000)
      expect(receive.output()).toContain('the work function was not invoked')
    },
  )

  it('answers the rest of the service’s HTTP too', async () => {
    functions = await open()
    const receive = await functions.receive()
    expect(await invokeUrl(receive, urlEvent('/healthz'))).toMatchObject({
      status: 200,
      json: { ok: true },
    })
    expect(await invokeUrl(receive, urlEvent('/readyz'))).toMatchObject({
      status: 200,
      json: { ready: true },
    })
    expect(await invokeUrl(receive, urlEvent('/nothing?here'))).toMatchObject({ status: 404 })
    // No password, and open to the world: not here, however it is spelled.
    expect(await invokeUrl(receive, urlEvent('/metrics'))).toMatchObject({ status: 404 })
    expect(await invokeUrl(receive, { ...urlEvent('/'), rawPath: '/%6detrics' })).toMatchObject({
      status: 404,
    })
    const large = 'x'.repeat(1024 * 1024 + 1)
    expect(await invokeUrl(receive, deliveryEvent(large))).toMatchObject({ status: 413 })
  })

  it('works on after a freeze during which the database cut every connection', async () => {
    functions = await open({ database: await freshDatabase({ lent: false }) })
    const receive = await functions.receive()
    await invokeUrl(receive, deliveryEvent(hired()))
    receive.freeze()
    await cutConnections(functions.world.env['DATABASE_URL'] ?? '')
    expect(await invokeUrl(receive, deliveryEvent(hired('grace@example.com')))).toMatchObject({
      status: 200,
    })
  })

  it('starts without its database, answers 503, and works when it is there', async () => {
    functions = await open()
    const url = functions.world.env['DATABASE_URL'] ?? ''
    functions.aws.secrets.set('arn:database', 'postgresql://nobody@127.0.0.1:1/none')
    const receive = await functions.receive()
    const event = deliveryEvent(hired())
    expect(await invokeUrl(receive, event)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      json: { error: 'not_stored' },
    })
    functions.aws.secrets.set('arn:database', url)
    expect(await invokeUrl(receive, event)).toMatchObject({ status: 200 })
  })

  it('reads each secret once, and writes none of them', async () => {
    functions = await open()
    const receive = await functions.receive({ LOG_LEVEL: 'debug' })
    for (const email of ['ada@example.com', 'grace@example.com']) {
      await invokeUrl(receive, deliveryEvent(hired(email)))
    }
    expect(Object.fromEntries(functions.aws.reads)).toEqual({ 'arn:database': 1, 'arn:keys': 1 })
    const key = functions.world.env['ENCRYPTION_KEYS']?.split(':')[1] ?? 'none'
    for (const secret of [key, signingSecret, 'ada@', 'postgresql://']) {
      expect(receive.output()).not.toContain(secret)
    }
  })
})

async function cutConnections(url: string): Promise<void> {
  const pool = openPool(url, 1)
  await pool.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  )
  await pool.end()
}
