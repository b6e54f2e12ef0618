// `/readyz` is 503 only when this process is of no use. Everything else is a notice.
import { expect, it } from 'vitest'

import { createHttpApp, createOperatorApp } from '../../src/http/server.ts'
import { silentLog } from '../../src/observe/log.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import { createOutage } from '../../src/observe/outage.ts'
import { DatabaseAway } from '../../src/postgres/transaction.ts'

const shared = {
  log: silentLog,
  metrics: createMetrics(),
  outage: createOutage(silentLog, { began: 'began', over: 'over' }),
}
const notice = { name: 'connections', problem: '2 are paused.' }

it.each([
  [200, undefined, { ready: true, checks: [{ name: 'database', problem: null }] }],
  [503, 'It is away.', { ready: false, checks: [{ name: 'database', problem: 'It is away.' }] }],
])('is answered %i on both listeners, with the notices beside it', async (status, problem, told) => {
  const deps = {
    ...shared,
    readiness: [{ name: 'database', problem: async () => problem }],
    notices: async () => [notice],
  }
  for (const app of [createHttpApp(deps), createOperatorApp(deps)]) {
    const answer = await app.request('/readyz')
    expect([answer.status, await answer.json()]).toEqual([status, { ...told, notices: [notice] }])
    expect((await app.request('/healthz')).status).toBe(200)
  }
})

it('has no notices while the database cannot be asked for them', async () => {
  const notices = async () => {
    throw new DatabaseAway(new Error('ECONNREFUSED'))
  }
  const answer = await createHttpApp({ ...shared, readiness: [], notices }).request('/readyz')
  expect(await answer.json()).toEqual({ ready: true, checks: [], notices: [] })
})

it('has its notices among the metrics, as long as they are told', async () => {
  const metrics = createMetrics()
  const told = [notice]
  metrics.readNotices(async () => told)
  expect(await metrics.registry.metrics()).toMatch(/^pinpoint_webhooks_notices\{name="connections"\} 1$/m)
  told.pop()
  expect(await metrics.registry.metrics()).not.toContain('pinpoint_webhooks_notices{')
})

it('shows metrics to operators only', async () => {
  const deps = { ...shared, readiness: [] }
  expect((await createOperatorApp(deps).request('/metrics')).status).toBe(200)
  expect((await createHttpApp(deps).request('/metrics')).status).toBe(404)
  expect((await createOperatorApp(deps).request('/webhooks/pinpoint/acme', { method: 'POST' })).status).toBe(
    404,
  )
})
