/** Which application a refused delivery is about, as far as it reads as a hire that another secret may have signed. */
import { readSignature } from '../pinpoint/signature.ts'
import type { RefusedDelivery } from './ports.ts'
import { readEvent } from './read-event.ts'

/** Pinpoint's bodies are a few hundred bytes; and anybody can make us look at this many. */
const mostBytes = 4096
/** Such a body is not unpacked, which could take long. */
const plainText = /^\{[\t\n\r\x20-\x7e]{15}/

export function hireSubject({
  body,
  signature,
}: Pick<RefusedDelivery, 'body' | 'signature'>): string | undefined {
  if (body.length > mostBytes || readSignature(signature) === undefined) return undefined
  if (!plainText.test(body.toString('latin1', 0, 16))) return undefined
  const { name, subject } = readEvent(body)
  return name === 'application_hired' ? subject : undefined
}
