/**
 * The JSON in a body, whichever way it is packed or encoded: a webhook's signature is over the bytes as they came, and an answer may
 * come compressed though nobody asked. Told by the bytes: a header is lost on the way more easily than they are.
 */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'

import { parseJson } from './json.ts'

/** `Content-Encoding: gzip, br` and the like. */
const mostLayers = 3

export interface Unpacked {
  readonly json: unknown
  /** What it was read from: the body itself, unless that was packed. */
  readonly bytes: Buffer
}

export interface UnpackBounds {
  readonly mostBytes: number
  /** Members and elements, of whatever depth. What is made of them takes much more memory and time than their bytes. */
  readonly mostParts?: number | undefined
}

/** Undefined: there is none. `too_large`: unpacked it is more than the bounds, and nothing of it is kept. */
export function unpack(
  body: Buffer,
  bounds: UnpackBounds,
  layers = mostLayers,
): Unpacked | 'too_large' | undefined {
  const { mostBytes, mostParts = Infinity } = bounds
  if (hasMoreParts(body, mostParts)) return 'too_large'
  const json = parseJson(textOf(body))
  if (json !== undefined) return { json, bytes: body }
  if (layers === 0 || looksLikeText(body)) return undefined
  const inner = inside(body, mostBytes)
  return inner === undefined || inner === 'too_large' ? inner : unpack(inner, bounds, layers - 1)
}

/** Counted by what begins or separates them, in texts as well: an upper bound, found without making anything. */
function hasMoreParts(bytes: Buffer, most: number): boolean {
  if (bytes.length <= most) return false
  let parts = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    // , [ {
    if (byte === 0x2c || byte === 0x5b || byte === 0x7b) parts++
    if (parts > most) return true
  }
  return false
}

/** UTF-8, or the UTF-16 that its first two characters tell (RFC 4627, section 3); without its byte order mark. */
function textOf(bytes: Buffer): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || second === 0) return new TextDecoder('utf-16le').decode(bytes)
  if ((first === 0xfe && second === 0xff) || first === 0) return new TextDecoder('utf-16be').decode(bytes)
  return first === 0xef ? new TextDecoder().decode(bytes) : bytes.toString('utf8')
}

/** What is packed never begins like this, and is not tried. */
function looksLikeText(bytes: Buffer): boolean {
  return /^[\t\n\r\x20-\x7e]{16}/.test(bytes.toString('latin1', 0, 16)) || bytes.length < 16
}

function inside(bytes: Buffer, mostBytes: number): Buffer | 'too_large' | undefined {
  for (const unpackOne of [gunzipSync, inflateSync, brotliDecompressSync, inflateRawSync]) {
    try {
      return unpackOne(bytes, { maxOutputLength: mostBytes })
    } catch (error) {
      // It would be larger. Everything else means that it is not packed in this way.
      if (error instanceof RangeError) return 'too_large'
    }
  }
  return undefined
}
