/** A file as it is, where it was stored or sent compressed: decoded within its limit, so that a bomb is cut off. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib'

type Decode = (bytes: Buffer, options: ZlibOptions) => Promise<Buffer>

const raw: Decode = promisify(inflateRaw)
const wrapped: Decode = promisify(inflate)
const decoders: Readonly<Record<string, Decode>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  // Some servers leave out the wrapping that the standard asks for.
  deflate: (bytes, options) =>
    wrapped(bytes, options).catch((error: unknown) => {
      if (error instanceof RangeError) throw error
      return raw(bytes, options)
    }),
}

/** `Content-Encoding`, the last one first; a server that says nothing may have gzip all the same. */
function codingsOf(header: string, bytes: Buffer): readonly string[] {
  const named = header
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((one) => one !== '' && one !== 'identity')
  if (named.length > 0) return named.toReversed()
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? ['gzip'] : []
}

/** What cannot be decoded, since it is not what the header says or is damaged, is given as it came: its content is judged later. */
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
