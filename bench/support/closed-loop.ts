/** So many connections, each of which sends its next webhook as soon as the last one was answered. */
import { Agent } from 'undici'

import type { SignedBody } from './deliveries.ts'
import { post } from './post.ts'

export interface ClosedLoop {
  readonly perSecond: number
  /** Of each answer, in milliseconds. */
  readonly durations: readonly number[]
}

export async function closedLoop(
  urlOf: string | ((index: number) => string),
  requests: readonly SignedBody[],
  connections = 64,
): Promise<ClosedLoop> {
  const agent = new Agent({ connections })
  const durations: number[] = []
  let next = 0
  const began = performance.now()
  const connection = async () => {
    for (let index = next++; index < requests.length; index = next++) {
      const request = requests[index]
      if (request === undefined) return
      const sentAt = performance.now()
      await post(agent, typeof urlOf === 'string' ? urlOf : urlOf(index), request)
      durations.push(performance.now() - sentAt)
    }
  }
  try {
    await Promise.all(Array.from({ length: connections }, connection))
    return { perSecond: (requests.length * 1000) / (performance.now() - began), durations }
  } finally {
    await agent.close()
  }
}
