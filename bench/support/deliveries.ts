/** Signed webhooks that are only received: the applications in them are known to nobody. */
import { hireEvent, signPinpoint } from '../../sandbox/index.ts'

export const signingSecret = 'bench-signing-secret'

export interface SignedBody {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

export function signed(body: string): SignedBody {
  const signature = signPinpoint(signingSecret, body)
  return { body, headers: { 'content-type': 'application/json', 'pinpoint-hmac-sha256': signature } }
}

let application = 1_000_000

/** Each about another application, over all calls. */
export function deliveries(count: number): readonly SignedBody[] {
  return Array.from({ length: count }, () => signed(hireEvent(++application)))
}
