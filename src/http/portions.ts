/**
 * What one connection makes of this process in one go. Node's parser makes an object of each chunk, and cannot be stopped in the
 * middle of what it is given, 64 KiB at a time: eleven thousand chunks of one byte. So it is given a little after the other, and a
 * connection that sends such pieces is gone before the next. docs/decisions/0049-portions.md
 */
import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** Larger than any honest webhook with its head; fewer than 350 chunks of one byte. */
const portionBytes = 2_048

/** Each piece costs more than its bytes, before and after it is here. Nobody honest sends a thousandth of a packet at a time. */
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
 * For `connection` of Node's HTTP server, which has just put its parser there as the one who listens for data. Nothing of ours is
 * between the two for a connection that is read by itself, so this also ends that.
 */
export function parseInPortions(socket: Socket): void {
  const [parse] = socket.listeners('data')
  if (parse === undefined) throw new Error('the HTTP server does not listen for data of its connection')
  socket.removeAllListeners('data')
  socket.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length && !socket.destroyed; at += portionBytes) {
      // Too many answers wait to be sent: what is left is parsed when the server goes on reading.
      if (socket.isPaused()) {
        socket.unshift(bytes.subarray(at))
        return
      }
      Reflect.apply(parse, socket, [bytes.subarray(at, at + portionBytes)])
    }
  })
}
