/**
 * The mark of a delivery that a person has sent: it is wanted, however old its event is. It is signed like the body, so it gives
 * nothing to somebody who cannot sign a fresh event as well; and it has a time, so that it cannot be replayed with its body.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

export const byHandHeader = 'pinpoint-webhooks-by-hand'

const validSeconds = 300

export function signByHand(secret: string, body: string | Buffer, now: Date): string {
  const at = Math.floor(now.getTime() / 1000)
  return `${at}.${sign(secret, body, at)}`
}

export function isByHand(
  { header, body }: { readonly header: string | undefined; readonly body: Buffer },
  { secrets, now }: { readonly secrets: readonly string[]; readonly now: Date },
): boolean {
  const [, at, signature = ''] = /^(\d{1,12})\.([\w+/=]{44})$/.exec(header ?? '') ?? []
  if (at === undefined || Math.abs(now.getTime() / 1000 - Number(at)) > validSeconds) return false
  const given = Buffer.from(signature)
  return secrets.some((secret) => timingSafeEqual(Buffer.from(sign(secret, body, Number(at))), given))
}

/** No webhook body begins like that. */
function sign(secret: string, body: string | Buffer, at: number): string {
  return createHmac('sha256', secret).update(`by hand ${at}\n`).update(body).digest('base64')
}
