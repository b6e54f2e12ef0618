/**
 * Pinpoint's signature: base64 of HMAC-SHA256 over the raw body, under the plain signing secret.
 * https://developers.pinpointhq.com/docs/verifying-webhooks
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

export const signatureHeader = 'PINPOINT-HMAC-SHA256'

/** One spelling of each: the last character holds two bits that must be zero. */
const strictBase64Of32Bytes = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/

/** The header's value for a body. An empty secret would let anybody sign, so it is a programming error. */
export function signPinpoint(secret: string, rawBody: Uint8Array | string): string {
  return signatureBytes(secret, rawBody).toString('base64')
}

/** The 32 bytes that a header says; undefined when it is missing or says anything else. */
export function readSignature(header: string | undefined): Buffer | undefined {
  return header !== undefined && strictBase64Of32Bytes.test(header)
    ? Buffer.from(header, 'base64')
    : undefined
}

/** True when one of the secrets made this header; several are valid while one is rotated. Never throws. */
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
