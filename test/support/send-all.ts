/** Sends events as Pinpoint does: again until each is acknowledged, to services that are killed meanwhile. */
import { until } from './until.ts'
import type { World } from './world.ts'

/** Four at a time. `url` is asked anew for each attempt. */
export async function sendAll(world: World, bodies: readonly string[], url: () => string): Promise<void> {
  const left = [...bodies]
  const sendNext = async (): Promise<void> => {
    for (let body = left.shift(); body !== undefined; body = left.shift()) {
      const text = body
      await until('an event to be acknowledged', () => acknowledged(world, text, url()), 60)
    }
  }
  await Promise.all([sendNext(), sendNext(), sendNext(), sendNext()])
}

async function acknowledged(world: World, body: string, url: string): Promise<boolean> {
  try {
    const response = await world.send(body, { url })
    await response.arrayBuffer()
    return response.status === 200
  } catch (error) {
    // Nobody listens between a kill and the next start.
    if (error instanceof TypeError) return false
    throw error
  }
}
