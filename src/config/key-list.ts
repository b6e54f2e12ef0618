/** `id:base64key,…`: the form of encryption keys in the environment and in the key file. */
import { z } from 'zod'

import type { EncryptionKey } from '../base/seal.ts'

const entry = /^([\w.-]{1,64}):([A-Za-z0-9+/]{43}=)$/

/** Names a wrong entry by its position: the entries themselves are secrets. */
export const encryptionKeyList = z.string().transform((text, context): readonly EncryptionKey[] => {
  const keys = text.split(',').map((part) => readKey(part.trim()))
  const wrong = keys.findIndex((key) => key === undefined)
  if (wrong >= 0) context.addIssue(`must be id:base64key,… with keys of 32 bytes: entry ${wrong + 1} is not`)
  const known = keys.filter((key) => key !== undefined)
  if (new Set(known.map(({ id }) => id)).size < known.length)
    context.addIssue('must not name the same key id twice')
  return known
})

export function keyListText(keys: readonly EncryptionKey[]): string {
  return keys.map(({ id, bytes }) => `${id}:${Buffer.from(bytes).toString('base64')}`).join(',')
}

function readKey(text: string): EncryptionKey | undefined {
  const [, id, base64] = entry.exec(text) ?? []
  return id === undefined || base64 === undefined ? undefined : { id, bytes: Buffer.from(base64, 'base64') }
}
