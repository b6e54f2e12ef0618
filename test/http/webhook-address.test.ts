// What is wrong with an address, told to whoever typed it.
import { expect, it } from 'vitest'

import { createHttpApp } from '../../src/http/server.ts'
import { type Log, silentLog } from '../../src/observe/log.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import { createOutage } from '../../src/observe/outage.ts'

function door(trustedProxies: readonly string[] = []) {
  const lines: object[] = []
  const log: Log = { ...silentLog, warn: (fields) => lines.push(fields) }
  const app = createHttpApp({
    receive: async () => ({ outcome: 'signature_wrong' }),
    outage: createOutage(log, { began: 'began', over: 'over' }),
    log,
    metrics: createMetrics(),
    trustedProxies,
    readiness: [],
  })
  const ask = async (path: string, method = 'POST') => (await app.request(path, { method })).status
  return { app, ask, lines }
}

it.each(['/webhooks/pinpoint/acme', '/webhook/pinpoint/acme'])(
  'L14: a refusal at %s is logged with where it came from, as far as that is known',
  async (path) => {
    for (const [trusted, from] of [
      [[], '10.0.0.1'],
      [['10.0.0.0/8'], '203.0.113.9'],
    ] as const) {
      const { app, lines } = door(trusted)
      const headers = { 'x-forwarded-for': '198.51.100.7, 203.0.113.9' }
      await app.request(path, { method: 'POST', headers }, { peer: '10.0.0.1' })
      expect(lines).toEqual([expect.objectContaining({ from })])
    }
  },
)

it.each([
  ['/webhook/pinpoint/acme', 'it does not begin with /webhooks'],
  ['/web-hooks/pinpoint/acme', 'it does not begin with /webhooks'],
  ['/webhooks/acme', '/pinpoint does not come after /webhooks'],
  ['/webhooks', '/pinpoint does not come after /webhooks'],
  ['/webhooks/pinpoint/acme/hibob', 'something comes after the tenant'],
])('The address %s is logged with what is wrong, seldom (W22)', async (address, wrong) => {
  const { ask, lines } = door()
  expect([await ask(address), await ask(address)]).toEqual([404, 404])
  expect(lines).toEqual([{ wrong, times: 1 }])
})

it('Another method is logged as well, and what is nobody’s webhook is not (W22)', async () => {
  const { ask, lines } = door()
  expect([await ask('/webhooks/pinpoint/acme', 'GET'), await ask('/wp-login.php')]).toEqual([404, 404])
  expect(lines).toEqual([{ wrong: 'the method is not POST', times: 1 }])
})
