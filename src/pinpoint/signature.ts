/**
 * Pinpoint's signature: base64 of HMAC-SHA256 over the raw body, under the plain signing secret.
 * https://developers.pinpointhq.com/docs/verifying-webhooks
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

export const signatureHeader = 'PINPOINT-HMAC-SHA256'

/** Accepts only the canonical encoding: the last character has two bits that must be zero. */
const strictBase64Of32Bytes = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/

/** The header value for a body. Throws if the secret is empty, since anybody could then sign. */
export function signPinpoint(secret: string, rawBody: Uint8Array | string): string {
  return signatureBytes(secret, rawBody).toString('base64')
}

/** Decodes the header into 32 bytes; undefined if it is missing or malformed. */
export function readSignature(header: string | undefined): Buffer | undefined {
  return header !== undefined && strictBase64Of32Bytes.test(header)
    ? Buffer.from(header, 'base64')
    : undefined
}

/** True if the header was made with one of the secrets; several are valid during a rotation. Never throws. */
export function verifyPinpoint(
  secrets: readonly string[],
  rawBody: Uint8Array | string,
  header: string | undefined,
): boolean {
  const given = readSignature(header)
  if (given === undefined) return false
  return secrets.some((secret) => secret !== '' && timingSafeEqual(given, signatureBytes(secret, rawBody)))
}

/** The 32 bytes of the signature. */
export function signatureBytes(secret: string, rawBody: Uint8Array | string): Buffer {
  if (secret === '') throw new Error('a signing secret must not be empty')
  return createHmac('sha256', secret).update(rawBody).digest()
}
