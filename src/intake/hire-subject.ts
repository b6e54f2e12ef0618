/** The application of a refused delivery, if the delivery looks like a hire that another secret may have signed. */
import { readSignature } from '../pinpoint/signature.ts'
import type { RefusedDelivery } from './ports.ts'
import { readEvent } from './read-event.ts'

/** Pinpoint's bodies have a few hundred bytes, and anybody can make us parse this many. */
const mostBytes = 4096
/** Such a body is not compressed; decompressing could take long. */
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
