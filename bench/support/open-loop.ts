/**
 * Sends at a fixed rate whatever the answers do, so that a server that stalls does not slow its own clock down
 * (https://www.scylladb.com/2021/04/22/on-coordinated-omission/). Each duration counts from the moment the request was given to the
 * connections, waiting for a free one included. Not from when it was due: a timer is up to a millisecond early or late, for all
 * requests of a run alike, which is as long as the answers take.
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
    const sentAt = performance.now()
    await post(agent, url, request)
    return performance.now() - sentAt
  })
  try {
    return await Promise.all(answers)
  } finally {
    await agent.close()
  }
}
