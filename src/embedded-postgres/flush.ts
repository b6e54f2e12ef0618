/** Flushes files and folders to disk. */
import { open } from 'node:fs/promises'
import { platform } from 'node:os'

/** Windows cannot open a folder, and needs no flush. */
export async function flushFolder(path: string): Promise<void> {
  if (platform() !== 'win32') await flush(path, 'r')
}

/** Flushes the file and returns its size. */
export async function flush(path: string, flags: 'r' | 'r+'): Promise<number> {
  await using handle = await open(path, flags)
  await handle.sync()
  return (await handle.stat()).size
}
