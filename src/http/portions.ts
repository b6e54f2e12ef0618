/**
 * Limits how much of one connection is parsed in one go. Node's parser makes an object of each chunk, and cannot be stopped within
 * its input of up to 64 KiB: eleven thousand chunks of one byte. So it gets a little at a time, and a connection that sends such
 * pieces is destroyed before the next portion. docs/decisions/0049-portions.md
 */
import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** Larger than any honest webhook with its head; fewer than 350 chunks of one byte. */
const portionBytes = 2_048

/** Each piece costs more than its bytes, before and after it arrives. No honest sender sends a thousandth of a packet at a time. */
const mostPieces = 256
const leastBytesAPiece = 64

/** The body came in too many pieces of a few bytes, and its connection was destroyed. */
export class TooManyPieces extends Error {
  override readonly name = 'TooManyPieces'
}

/** A request that counts the pieces of its body, whether or not anybody reads it. */
export class CountedRequest extends IncomingMessage {
  #pieces = 0
  #bytes = 0

  override push(piece: Uint8Array | null, encoding?: BufferEncoding): boolean {
    this.#pieces += 1
    this.#bytes += piece?.length ?? 0
    if (this.#pieces <= mostPieces || this.#bytes >= this.#pieces * leastBytesAPiece)
      return super.push(piece, encoding)
    if (!this.destroyed) this.destroy(new TooManyPieces('The body came in too many pieces of a few bytes.'))
    return false
  }
}

/**
 * For `connection` of Node's HTTP server, which has just installed its parser as the listener for data. While Node itself reads the
 * connection natively, nothing of ours can intervene, so this also ends that.
 */
export function parseInPortions(socket: Socket): void {
  const [parse] = socket.listeners('data')
  if (parse === undefined) throw new Error('the HTTP server has no data listener on its connection')
  socket.removeAllListeners('data')
  socket.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length && !socket.destroyed; at += portionBytes) {
      // Too many answers wait to be sent: the rest is parsed when the server reads on.
      if (socket.isPaused()) {
        socket.unshift(bytes.subarray(at))
        return
      }
      Reflect.apply(parse, socket, [bytes.subarray(at, at + portionBytes)])
    }
  })
}
