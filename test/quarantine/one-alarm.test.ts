// What an operator hears of a changed secret: one line and one count, however many deliveries fail.
import { expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { createLogThrottle } from '../../src/observe/log-throttle.ts'
import { until } from '../support/until.ts'
import { openWorld } from '../support/world.ts'

it('a tenant whose deliveries begin to fail is told once, and so are its refusals', async () => {
  const lines: (readonly [level: string, fields: object, message: string])[] = []
  const keep = (level: string) => (fields: object, message: string) => lines.push([level, fields, message])
  const log = { ...silentLog, error: keep('error'), warn: keep('warn') }
  const world = await openWorld({ log })
  // What is said at its start.
  lines.length = 0
  const metric = async (line: string) =>
    (await (await fetch(`${world.service?.adminUrl ?? ''}/metrics`)).text()).split('\n').includes(line)
  try {
    await world.hire()
    for (let i = 0; i < 20; i++) await world.send(hireEvent(String(i)), { signature: `${'A'.repeat(43)}=` })
    expect(lines).toEqual([
      [
        'error',
        { tenant: 'acme', signature: 'wrong' },
        'signatures began to fail: the signing secret was probably changed',
      ],
      ['warn', { outcome: 'signature_wrong', times: 1, from: '127.0.0.1' }, 'delivery refused'],
    ])
    expect(await metric('pinpoint_webhooks_signature_alarms_total 1')).toBe(true)
    expect(await metric('pinpoint_webhooks_deliveries_total{outcome="signature_wrong"} 20')).toBe(true)
    // All of them have the same signature: one is kept.
    await until('it is kept', () => metric('pinpoint_webhooks_quarantine_total{outcome="again"} 19'))
  } finally {
    await world.close()
  }
})

it('what strangers cause is told at once, then with its count every ten seconds', () => {
  let now = 0
  const seldom = createLogThrottle({ now: () => new Date(now), sleep: () => Promise.resolve() })
  expect([seldom.happened('a'), seldom.happened('a'), seldom.happened('a'), seldom.happened('b')]).toEqual([
    1,
    undefined,
    undefined,
    1,
  ])
  now = 10_000
  expect([seldom.happened('a'), seldom.happened('a')]).toEqual([3, undefined])
})
