/**
 * The JSON in a body, whichever way it is packed or encoded: the signature is over the bytes as they came, so whoever sent or
 * passed them on may have compressed them. Told by the bytes: a header is lost on the way more easily than they are.
 */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'

import { parseJson } from '../base/json.ts'

/** As for a body that came as it is. */
const mostBytes = 1024 * 1024
/** `Content-Encoding: gzip, br` and the like. */
const mostLayers = 3

export interface Unpacked {
  readonly json: unknown
  /** What it was read from: the body itself, unless that was packed. */
  readonly bytes: Buffer
}

/** Undefined: there is none. `too_large`: unpacked it is more than a body may be. */
export function unpack(body: Buffer, layers = mostLayers): Unpacked | 'too_large' | undefined {
  const json = parseJson(textOf(body))
  if (json !== undefined) return { json, bytes: body }
  if (layers === 0 || looksLikeText(body)) return undefined
  const inner = inside(body)
  return inner === undefined || inner === 'too_large' ? inner : unpack(inner, layers - 1)
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

function inside(bytes: Buffer): Buffer | 'too_large' | undefined {
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
