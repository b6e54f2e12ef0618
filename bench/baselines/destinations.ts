/** Where the baselines call, from the environment that the benchmark gives them. */
import { Agent } from 'undici'

import type { Destinations } from './plain-hire.ts'

export function destinationsFromEnvironment(): Destinations {
  const given = (name: string) => process.env[name] ?? ''
  return {
    // As many connections to a host as the service opens.
    agent: new Agent({ connections: 64 }),
    pinpointUrl: given('PINPOINT_URL'),
    pinpointKey: given('PINPOINT_KEY'),
    hibobUrl: given('HIBOB_URL'),
    hibobCredentials: `Basic ${Buffer.from(given('HIBOB_USER')).toString('base64')}`,
  }
}
