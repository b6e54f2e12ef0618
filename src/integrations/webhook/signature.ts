/** Standard Webhooks, symmetric: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
import { createHmac } from 'node:crypto'

const prefix = 'whsec_'

/** True for `whsec_` and the base64 of 24 to 64 bytes. */
export function isSigningSecret(text: string): boolean {
  const encoded = text.slice(prefix.length)
  const length = keyOf(text).length
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && encoded.length % 4 === 0
  return text.startsWith(prefix) && isBase64 && length >= 24 && length <= 64
}

export interface Message {
  /** The same at every try: receivers recognise a repetition by it. Without a dot, which separates what is signed. */
  readonly id: string
  /** Of this try, not of the event: receivers refuse what is older than minutes. */
  readonly sentAt: Date
  readonly body: string
}

export function signedHeaders(
  secret: string,
  { id, sentAt, body }: Message,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(sentAt.getTime() / 1000))
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(prefix.length), 'base64')
}
