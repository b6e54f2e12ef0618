/** The webhook that Pinpoint sends for a hire, and its signature: what a test or a demo posts to the service. */
import { createHmac } from 'node:crypto'

/**
 * The body as text: sign and send exactly these bytes. Ids are numbers here although the API gives strings.
 * `triggeredAt` is Unix time in seconds, now unless told otherwise.
 */
export function hireEvent(
  applicationId: string | number,
  jobId: string | number = 1,
  triggeredAt = Math.floor(Date.now() / 1000),
): string {
  const data = { application: { id: Number(applicationId) }, job: { id: Number(jobId) } }
  return JSON.stringify({ event: 'application_hired', triggeredAt, data })
}

/** The event that Pinpoint's documentation shows and its page of a webhook sends as a test: of nobody. */
export const sampleEvent = hireEvent(1, 1, 1_614_687_278)

/**
 * The value of the header `PINPOINT-HMAC-SHA256`: base64 of the HMAC of the raw body, keyed with the secret as text.
 * https://developers.pinpointhq.com/docs/verifying-webhooks
 */
export function signPinpoint(secret: string, body: string | Uint8Array): string {
  return createHmac('sha256', secret).update(body).digest('base64')
}
