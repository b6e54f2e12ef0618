// What strangers send to make the service hold or do more than they paid for, and to be led where they may not go.
import { connect, type Socket } from 'node:net'

import { afterEach, expect, it } from 'vitest'

import { throwRaw } from '../fuzz/raw-client.ts'
import { openStage, type Stage } from '../fuzz/stage.ts'
import { head, host, signatureOf, signed } from '../fuzz/throw.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

let database: FreshDatabase
let stage: Stage
async function open(env: Readonly<Record<string, string>> = {}) {
  database = await freshDatabase()
  stage = await openStage(database.url, env)
}
afterEach(async () => {
  await stage.close()
  await database.drop()
})

const hire = Buffer.from('{"event":"application_hired","triggeredAt":1,"data":{"application":{"id":1}}}')

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly seconds: number }> {
  const began = performance.now()
  const result = await work()
  return { result, seconds: (performance.now() - began) / 1000 }
}

it('200 connections with one byte in each chunk neither end a process of 256 MB nor keep it from answering (H1)', async () => {
  await open({ NODE_OPTIONS: '--max-old-space-size=256' })
  const head1 = head({ headers: [host, ['Transfer-Encoding', 'chunked']] })
  const pieces = Buffer.from('1\r\na\r\n'.repeat(60_000))
  const sockets = new Set<Socket>()
  for (let count = 0; count < 200; count++) {
    const socket = connect(stage.port, '127.0.0.1', () => socket.write(Buffer.concat([head1, pieces])))
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  await until('their connections to be destroyed', async () => sockets.size === 0)
  const alive = await timed(() => fetch(`${stage.service.url}/healthz`))
  const honest = await timed(() =>
    throwRaw(stage.port, { kind: 'honest', bytes: signed(hire), expected: 'admitted' }),
  )
  expect(alive.result.status).toBe(200)
  expect(honest.result.admitted).toBe(1)
  expect(alive.seconds).toBeLessThan(1)
  expect(honest.seconds).toBeLessThan(2)
  const metrics = await (await fetch(`${stage.service.adminUrl}/metrics`)).text()
  expect(metrics).toContain('deliveries_total{outcome="body_in_pieces"} 200')
  expect(await stage.residentMiB()).toBeLessThan(300)
  expect(await stage.storedEvents()).toHaveLength(1)
}, 120_000)

it('no address that begins as a webhook’s is answered by another route, and none that other programs read differently is taken (M1)', async () => {
  await open()
  const answers = async (path: string, headers = [host, signatureOf(hire)] as const) =>
    (
      await throwRaw(stage.port, {
        kind: path,
        bytes: [head({ path, method: 'GET', headers })],
        expected: 'refused',
      })
    ).statuses
  for (const path of [
    '/webhooks/pinpoint/../../metrics',
    '/webhooks/pinpoint/%2e%2e/%2E./healthz',
    '/webhooks/pinpoint/x/../../../readyz',
    '/webhooks/pinpoint/..',
    '/webhooks/pinpoint/.',
    '/webhooks/pinpoint\\..\\..\\healthz',
    '/webhooks%2fpinpoint%2facme',
    '/webhooks/pinpoint/acme%5c',
    '/healthz#/webhooks/pinpoint',
    'http://127.0.0.1/healthz',
  ]) {
    expect({ path, statuses: await answers(path) }).toEqual({ path, statuses: [400] })
  }
  expect(await answers('/metrics')).toEqual([404])
  expect(await answers('/webhooks/pinpoint/x/healthz')).toEqual([404])
}, 60_000)

it('two Host lines are no request (L14)', async () => {
  await open()
  const bytes = signed(hire, { headers: [['Host', 'other.example.com']] })
  const answer = await throwRaw(stage.port, { kind: 'hosts', bytes, expected: 'refused' })
  expect(answer.statuses).toEqual([400])
  await until('it to be told', async () => stage.service.output().includes('more than one Host header'))
  expect(stage.service.output()).toMatch(/"from":"127\.0\.0\.1".*request refused for its target/)
}, 60_000)
