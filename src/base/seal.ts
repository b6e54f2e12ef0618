/**
 * Encrypts secrets and personal data at rest: AES-256-GCM envelopes that name their key and decrypt only with their own AAD.
 * Envelope: version 1 · length of the key id · key id · 12 bytes nonce · ciphertext · 16 bytes tag.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'

import { NeedsPerson } from './failure.ts'
import { type Json, parseJson } from './json.ts'

export interface EncryptionKey {
  /** Written into every envelope: never reuse an id for other bytes. */
  readonly id: string
  /** 32 bytes. */
  readonly bytes: Uint8Array
}

/** `aad` says where an envelope belongs (`connection:<id>:secrets`): copied elsewhere, it does not decrypt. */
export interface Sealer {
  seal(plaintext: Uint8Array | string, aad: string): Buffer
  /** Throws `SealBroken` when its key is missing, or when the envelope was changed or belongs elsewhere. */
  open(envelope: Uint8Array, aad: string): Buffer
  sealJson(value: Json, aad: string): Buffer
  openJson(envelope: Uint8Array, aad: string): unknown
  /** The ids of the keys; the first one encrypts. */
  readonly keys: readonly [first: string, ...others: string[]]
}

/** The envelope cannot be decrypted. */
export class SealBroken extends NeedsPerson {}

const version = 1
const nonceBytes = 12
const tagBytes = 16

/** Encrypts with the first key and decrypts with any of them, so that a key can be rotated while the service runs. */
export function createSealer(keys: readonly EncryptionKey[]): Sealer {
  const [first] = keys
  if (first === undefined) throw new Error('a sealer needs at least one key')
  for (const { id, bytes } of keys) {
    if (id === '' || Buffer.byteLength(id) > 255) throw new Error('the id of a key has 1 to 255 bytes')
    if (bytes.length !== 32) throw new Error('a key has 32 bytes')
  }
  // Created once: given raw bytes each time, Node throws and catches an exception for each cipher.
  const byId = new Map(keys.map(({ id, bytes }) => [id, createSecretKey(bytes)]))
  const sealing = createSecretKey(first.bytes)
  const header = headerOf(first.id)

  const seal: Sealer['seal'] = (plaintext, aad) => {
    // Random nonces: safe up to 2^32 envelopes a key, far beyond what one installation seals between rotations.
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv('aes-256-gcm', sealing, nonce)
    cipher.setAAD(boundTo(header, aad))
    const body = typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext)
    return Buffer.concat([header, nonce, body, cipher.final(), cipher.getAuthTag()])
  }

  const open: Sealer['open'] = (envelope, aad) => {
    const { header, keyId, nonce, body, tag } = split(envelope, aad)
    const key = byId.get(keyId)
    if (key === undefined) throw keyUnknown(keyId, aad)
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    decipher.setAAD(boundTo(header, aad))
    decipher.setAuthTag(tag)
    try {
      return Buffer.concat([decipher.update(body), decipher.final()])
    } catch (error) {
      throw changed(aad, error)
    }
  }

  return {
    seal,
    open,
    sealJson: (value, aad) => seal(JSON.stringify(value), aad),
    openJson: (envelope, aad) => parseJson(open(envelope, aad).toString('utf8')),
    keys: [first.id, ...keys.slice(1).map(({ id }) => id)],
  }
}

/** The first bytes of every envelope of this key, and of no other. */
export function headerOf(keyId: string): Buffer {
  return Buffer.concat([Buffer.of(version, Buffer.byteLength(keyId)), Buffer.from(keyId)])
}

/** The key that a header names; undefined if it is not a header. */
export function keyOfHeader(header: Buffer): string | undefined {
  const id = header.toString('utf8', 2)
  return /^[\w.-]{1,64}$/.test(id) && header.equals(headerOf(id)) ? id : undefined
}

function split(envelope: Uint8Array, aad: string) {
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength)
  const headerEnd = 2 + (bytes[1] ?? 0)
  const bodyStart = headerEnd + nonceBytes
  if (bytes[0] !== version || bytes.length < bodyStart + tagBytes) throw changed(aad)
  return {
    header: bytes.subarray(0, headerEnd),
    keyId: bytes.toString('utf8', 2, headerEnd),
    nonce: bytes.subarray(headerEnd, bodyStart),
    body: bytes.subarray(bodyStart, -tagBytes),
    tag: bytes.subarray(-tagBytes),
  }
}

/** The header is authenticated too. It contains its own length, so the two parts cannot be shifted. */
function boundTo(header: Buffer, aad: string): Buffer {
  return Buffer.concat([header, Buffer.from(aad)])
}

function keyUnknown(keyId: string, place: string): SealBroken {
  // Only an intact envelope names a key id worth printing; in a broken one these bytes may be anything.
  const shown = /^[\w.-]+$/.test(keyId) ? `"${keyId}"` : 'of an unreadable name'
  return new SealBroken(
    'seal.key_unknown',
    `The encryption key ${shown}, with which ${place} is encrypted, is missing here.`,
    {
      fix: `Add the key ${shown} to ENCRYPTION_KEYS again, or set the secret again with \`apply\`.`,
      details: { place },
    },
  )
}

function changed(place: string, cause?: unknown): SealBroken {
  return new SealBroken(
    'seal.broken',
    `The encrypted value of ${place} was changed, or its key was, or it was encrypted for another place.`,
    {
      fix: 'Check that ENCRYPTION_KEYS has the original bytes under each id, and that nobody moved the value within the database; otherwise `apply` the file again.',
      details: { place },
      cause,
    },
  )
}
