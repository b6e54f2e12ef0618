/** A request's body as it came, within bounds of size and of memory; or why there is none. */
import type { Readable } from 'node:stream'

/** Pinpoint's bodies are a few hundred bytes. */
export const bodyLimitBytes = 1024 * 1024

/**
 * What is larger shares a bounded number of places while it arrives: a thousand connections that each hold back the last
 * byte of a mebibyte would otherwise hold a gibibyte. Small ones need no place: honest deliveries are small.
 */
const smallBytes = 64 * 1024
const largeAtOnce = 32

export type Body = Buffer | 'too_large' | 'cut_off' | 'busy'

type Chunks = AsyncIterable<Uint8Array>

/** The part of a request that is needed. */
interface Incoming {
  readonly raw: { readonly body: Chunks | null }
  header(name: string): string | undefined
  arrayBuffer(): Promise<ArrayBuffer>
}

/** `direct`: where the same bytes come from when it is Node's own server that has the request. */
export type ReadBody = (request: Incoming, direct?: Readable) => Promise<Body>

export function createBodyReader(): ReadBody {
  let large = 0

  async function readChunks(chunks: Chunks | null): Promise<Body> {
    const read: Uint8Array[] = []
    let length = 0
    let place = 0
    try {
      for await (const chunk of chunks ?? []) {
        length += chunk.length
        if (length > bodyLimitBytes) return 'too_large'
        if (length > smallBytes && place === 0) {
          if (large >= largeAtOnce) return 'busy'
          place = 1
          large += place
        }
        read.push(chunk)
      }
      return Buffer.concat(read)
    } finally {
      large -= place
    }
  }

  return async (request, direct) => {
    const declared = request.header('content-length')
    const length = declared === undefined ? undefined : Number(declared)
    if (length !== undefined && length > bodyLimitBytes) return 'too_large'
    const small = length !== undefined && length <= smallBytes
    if (small && direct !== undefined) return readSmall(direct)
    try {
      return small ? Buffer.from(await request.arrayBuffer()) : await readChunks(request.raw.body)
    } catch {
      // Reading fails only when the sender goes away, or is cut off for being slow: nothing of ours is wrong then.
      return 'cut_off'
    }
  }
}

/** What nearly every delivery comes by. The Web's request would copy the body once more, into memory of its own. */
function readSmall(direct: Readable): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    direct.on('data', (chunk: Buffer) => chunks.push(chunk))
    direct.on('end', () => resolve(Buffer.concat(chunks)))
    direct.on('error', () => resolve('cut_off'))
    direct.on('close', () => resolve('cut_off'))
    if (direct.destroyed) resolve('cut_off')
  })
}
