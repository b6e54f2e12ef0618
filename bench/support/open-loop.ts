/**
 * Sends at a fixed rate whatever the answers do. Each duration counts from the moment the request was due, not from when it
 * was sent: a server that stalls must not slow its own clock down (https://www.scylladb.com/2021/04/22/on-coordinated-omission/).
 */
import { setTimeout as pause } from 'node:timers/promises'

import { Agent } from 'undici'

import type { SignedBody } from './deliveries.ts'
import { post } from './post.ts'

export async function openLoop(
  url: string,
  requests: readonly SignedBody[],
  perSecond: number,
): Promise<readonly number[]> {
  const agent = new Agent({ connections: 64 })
  const start = performance.now() + 100
  const answers = requests.map(async (request, index) => {
    const due = start + (index * 1000) / perSecond
    await pause(due - performance.now())
    await post(agent, url, request)
    return performance.now() - due
  })
  try {
    return await Promise.all(answers)
  } finally {
    await agent.close()
  }
}
