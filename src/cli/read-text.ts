/** Reads a file that is an argument of a command. */
import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'

import { NeedsPerson } from '../base/failure.ts'

/** `-` is standard input. */
export async function readText(path: string): Promise<string> {
  if (path === '-') return readAll(process.stdin)
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new NeedsPerson('cli.file_unreadable', `${path} cannot be read (${String(error.code)}).`, {
      fix: 'Check the path and its permissions.',
      cause: error,
    })
  }
}
