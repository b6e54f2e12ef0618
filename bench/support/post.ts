/** One webhook, answered with 200 or the measurement is void. */
import { type Dispatcher, request } from 'undici'

import type { SignedBody } from './deliveries.ts'

export async function post(agent: Dispatcher, url: string, { body, headers }: SignedBody): Promise<void> {
  const response = await request(url, { method: 'POST', body, headers, dispatcher: agent })
  await response.body.dump()
  if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}`)
}
