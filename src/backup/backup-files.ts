/** Copies the files of a running server; each counts once it is flushed to disk. */
import { copyFile, lchown, lstat, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

import { RetryLater } from '../base/failure.ts'
import { flush, flushFolder } from '../embedded-postgres/flush.ts'
import { hasCode, ifThere } from '../embedded-postgres/if-there.ts'
import { copyOwnedBy, readOwn, type ServerUser } from '../embedded-postgres/own-files.ts'

export interface Copier {
  readonly files: number
  readonly bytes: number
  folder(path: string): Promise<void>
  /** Skips a file that the server has removed meanwhile, which its WAL repairs. */
  file(from: string, to: string): Promise<void>
  text(to: string, content: string | Uint8Array): Promise<void>
}

export interface CopierOptions {
  /** As root: the owner of the server's files. Root could otherwise read more than the owner may. */
  readonly owner: ServerUser | undefined
  readonly signal: AbortSignal
  /** After each file. */
  readonly onProgress?: (copied: Pick<Copier, 'files' | 'bytes'>) => void
}

export function createCopier({ owner, signal, onProgress }: CopierOptions): Copier {
  const counts = { files: 0, bytes: 0 }
  const count = async (path: string) => {
    counts.bytes += await flush(path, 'r+')
    counts.files++
    onProgress?.(counts)
  }
  return {
    get files() {
      return counts.files
    },
    get bytes() {
      return counts.bytes
    },
    async folder(path) {
      await mkdir(path, { mode: 0o700 })
    },
    async file(from, to) {
      if (signal.aborted) throw new RetryLater('backup.left', 'Interrupted: there is no backup.')
      try {
        await (owner === undefined ? copyFile(from, to) : copyOwnedBy(owner, from, to))
      } catch (error) {
        if (!hasCode(error, 'ENOENT') || (await ifThere(stat(from))) !== undefined) throw error
        return
      }
      await count(to)
    },
    async text(to, content) {
      await writeFile(to, content, { mode: 0o600, flag: 'wx' })
      await count(to)
    },
  }
}

/** Copies everything below `from` except the relative paths that `skip` accepts; folders with skipped content stay, empty. */
export async function copyFolder(
  copier: Copier,
  {
    from,
    to,
    skip,
  }: { readonly from: string; readonly to: string; readonly skip: (path: string) => boolean },
): Promise<void> {
  const copyBelow = async (folder: string): Promise<void> => {
    await copier.folder(join(to, relative(from, folder)))
    for (const name of (await ifThere(readdir(folder))) ?? []) {
      const path = join(folder, name)
      if (skip(relative(from, path))) continue
      const found = await ifThere(lstat(path))
      if (found?.isDirectory()) await copyBelow(path)
      else if (found?.isFile()) await copier.file(path, join(to, relative(from, path)))
    }
  }
  await copyBelow(from)
}

/** Reads a file that is rewritten in place, until two reads agree. */
export async function readSteady(path: string): Promise<Buffer> {
  for (let before = await readOwn(path); before !== undefined;) {
    const again = await readOwn(path)
    if (again?.equals(before) === true) return again
    before = again
  }
  throw new Error(`${path} was removed`)
}

/** Changes the owner bottom-up, so that the new owner cannot interfere meanwhile. */
export async function giveTree(root: string, { uid, gid }: ServerUser): Promise<void> {
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const path = join(root, entry.name)
    if (entry.isDirectory()) await giveTree(path, { uid, gid })
    else await lchown(path, uid, gid)
  }
  await lchown(root, uid, gid)
}

/** Flushes every folder below: a file survives a power cut only once its folder is on disk too. */
export async function flushFolders(root: string): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory())
  for (const { parentPath, name } of folders) await flushFolder(join(parentPath, name))
  await flushFolder(root)
}
