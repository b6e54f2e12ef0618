import { expect, it } from 'vitest'

import { manyHires } from './many-hires.ts'

it('fifty hires of five companies at once, fewer than Pinpoint allows in a minute, take two calls each', async () => {
  const { seconds, ...counts } = await manyHires({ hires: 50, tenants: 5, concurrency: 10, seed: 1 })
  expect(counts).toEqual({ done: 50, pinpointCalls: 100, refusedCalls: 0, attempts: 50 })
  expect(seconds).toBeLessThan(60)
})
