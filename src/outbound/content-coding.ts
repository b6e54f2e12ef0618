/** Decodes a file that was stored or sent compressed, within its limit, so that a decompression bomb is cut off. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib'

type Decode = (bytes: Buffer, options: ZlibOptions) => Promise<Buffer>

const raw: Decode = promisify(inflateRaw)
const wrapped: Decode = promisify(inflate)
const decoders: Readonly<Record<string, Decode>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  // Some servers omit the zlib header that the standard demands.
  deflate: (bytes, options) =>
    wrapped(bytes, options).catch((error: unknown) => {
      if (error instanceof RangeError) throw error
      return raw(bytes, options)
    }),
}

/** `Content-Encoding`, the last coding first; without the header, the bytes may be gzip all the same. */
function codingsOf(header: string, bytes: Buffer): readonly string[] {
  const named = header
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((one) => one !== '' && one !== 'identity')
  if (named.length > 0) return named.toReversed()
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? ['gzip'] : []
}

export const isCoded = (header: string, bytes: Buffer): boolean => codingsOf(header, bytes).length > 0

/** Bytes that cannot be decoded, because the header is wrong or they are damaged, are returned unchanged: their content is checked later. */
export async function decoded(
  bytes: Buffer,
  { coding, maxBytes }: { readonly coding: string; readonly maxBytes: number },
): Promise<Buffer | 'too_large'> {
  let plain = bytes
  for (const one of codingsOf(coding, bytes)) {
    const decode = decoders[one]
    if (decode === undefined) return bytes
    try {
      plain = await decode(plain, { maxOutputLength: maxBytes })
    } catch (error) {
      return error instanceof RangeError ? 'too_large' : bytes
    }
  }
  return plain
}
