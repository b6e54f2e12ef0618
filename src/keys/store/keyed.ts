/**
 * Digests as they are stored: hashed once more with the installation's key, so that nobody who reads the database can check a
 * guess against them. In Node, and the same in SQL for rows that are there.
 */
import { createHmac, type KeyObject } from 'node:crypto'

/** HMAC-SHA256 of the digest. */
export function keyed(hashKey: Buffer, digest: Uint8Array): Buffer {
  return createHmac('sha256', hashKey).update(digest).digest()
}

/** HMAC-SHA256 of a text, trimmed, composed and lower-cased, so that spellings of one e-mail are one key. */
export function keyHash(hashKey: Buffer | KeyObject, key: string): Buffer {
  return createHmac('sha256', hashKey).update(key.trim().normalize('NFC').toLowerCase()).digest()
}

/** The same as `keyed` as an SQL expression, with `keyedValues` as $1 and $2: https://www.rfc-editor.org/rfc/rfc2104#section-2 */
export function keyedSql(column: string): string {
  return `sha256($2 || sha256($1 || ${column}))`
}

/** The key, of at most 64 bytes, padded for the inner and the outer hash. */
export function keyedValues(hashKey: Buffer): readonly [inner: Buffer, outer: Buffer] {
  const block = Buffer.concat([hashKey, Buffer.alloc(64 - hashKey.length)])
  return [block.map((byte) => byte ^ 0x36) as Buffer, block.map((byte) => byte ^ 0x5c) as Buffer]
}
