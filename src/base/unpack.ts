/**
 * The JSON in a body, whatever its compression or encoding: a webhook's signature covers the bytes as sent, and an answer may be
 * compressed unasked. Both are detected from the bytes, because a header is lost on the way more easily.
 */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'

import { parseJson } from './json.ts'

/** `Content-Encoding: gzip, br` and the like. */
const mostLayers = 3

export interface Unpacked {
  readonly json: unknown
  /** The bytes that were parsed: the body itself, or what it decompresses to. */
  readonly bytes: Buffer
}

export interface UnpackBounds {
  readonly mostBytes: number
  /** Members and elements at any depth. The parsed values take much more memory and time than their bytes. */
  readonly mostParts?: number | undefined
}

/** Undefined: it contains no JSON. `too_large`: it exceeds the bounds, and nothing of it is kept. */
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

/** Counts the bytes that begin or separate parts, also inside strings: an upper bound, found without allocating. */
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

/** UTF-8, or the UTF-16 that its first two characters show (RFC 4627, section 3); without its byte order mark. */
function textOf(bytes: Buffer): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || second === 0) return new TextDecoder('utf-16le').decode(bytes)
  if ((first === 0xfe && second === 0xff) || first === 0) return new TextDecoder('utf-16be').decode(bytes)
  return first === 0xef ? new TextDecoder().decode(bytes) : bytes.toString('utf8')
}

/** Compressed data never begins like this, so decompression is not attempted. */
function looksLikeText(bytes: Buffer): boolean {
  return /^[\t\n\r\x20-\x7e]{16}/.test(bytes.toString('latin1', 0, 16)) || bytes.length < 16
}

function inside(bytes: Buffer, mostBytes: number): Buffer | 'too_large' | undefined {
  for (const unpackOne of [gunzipSync, inflateSync, brotliDecompressSync, inflateRawSync]) {
    try {
      return unpackOne(bytes, { maxOutputLength: mostBytes })
    } catch (error) {
      // The output would exceed the limit. Every other error means that it is not compressed in this way.
      if (error instanceof RangeError) return 'too_large'
    }
  }
  return undefined
}
