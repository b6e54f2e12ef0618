/** The key of an effect as the ledger keeps it: it tells that two are the same, and nothing of what they are. */
import { createHmac, type KeyObject } from 'node:crypto'

/** Trimmed, composed and lower-cased, so that spellings of one e-mail are one key. */
export function keyHash(hashKey: Buffer | KeyObject, key: string): Buffer {
  return createHmac('sha256', hashKey).update(key.trim().normalize('NFC').toLowerCase()).digest()
}
