/**
 * The log lines of one turn of the event loop leave in one write, which costs more than all else about a line. What tells of
 * trouble leaves at once, behind all that was gathered before it. A process that ends loses nothing; one that is killed loses
 * at most the lines of that very turn, and none that tells of trouble.
 */
import { levels } from 'pino'

/** What Linux writes into a pipe as a whole (PIPE_BUF): no other process that has the same pipe comes between. */
const mostCharacters = 4096

const { warn = 40 } = levels.values

export interface LineStream {
  write(this: LineStream, line: string): void
  /** Of the line that is being written: set by pino, because `pino.metadata` is there. */
  lastLevel: number
  readonly [pinoMetadata]: true
}

/** https://github.com/pinojs/pino/blob/main/docs/api.md#metadata */
const pinoMetadata = Symbol.for('pino.metadata')

export function gatherLines(writeLines: (lines: string) => void): LineStream {
  let gathered = ''

  function flush(): void {
    if (gathered === '') return
    const lines = gathered
    gathered = ''
    writeLines(lines)
  }

  // Also before Node prints an error that ends the process.
  process.on('exit', flush)
  return {
    lastLevel: 0,
    [pinoMetadata]: true,
    write(line) {
      if (gathered.length + line.length > mostCharacters) flush()
      if (gathered === '') setImmediate(flush)
      gathered += line
      if (this.lastLevel >= warn) flush()
    },
  }
}
