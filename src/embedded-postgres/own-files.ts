/** Opens our own files as root without being led elsewhere: a link, a pipe or a hard link to another file is refused. */
import { constants } from 'node:fs'
import { type FileHandle, lchown, open, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { systemClock } from '../base/clock.ts'
import { NeedsPerson } from '../base/failure.ts'
import { hasCode, ifThere } from './if-there.ts'
import { runProgram } from './program.ts'

export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

/** Other users cannot be led to anything they may not open. */
const isRoot = process.getuid?.() === 0

async function openPlain(path: string, flags: number): Promise<FileHandle> {
  // A pipe without a writer would block us; neither flag changes anything for a plain file.
  const handle = await open(path, isRoot ? flags | O_NOFOLLOW | O_NONBLOCK : flags, 0o600).catch(
    (cause: unknown) => {
      throw hasCode(cause, 'ELOOP', 'EMLINK', 'ENXIO') ? plantedLink(path, cause) : cause
    },
  )
  if (!isRoot || (await handle.stat()).isFile()) return handle
  await handle.close()
  throw plantedLink(path)
}

/** Undefined when the file does not exist. */
export async function readOwn(path: string): Promise<Buffer | undefined> {
  const handle = await ifThere(openPlain(path, O_RDONLY))
  if (handle === undefined) return undefined
  try {
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

/** Opens the file for appending. */
export async function openLogFile(path: string): Promise<FileHandle> {
  return openPlain(path, O_WRONLY | O_APPEND | O_CREAT)
}

export async function writeOwn(path: string, text: string): Promise<void> {
  const handle = await openPlain(path, O_WRONLY | O_CREAT)
  try {
    await handle.truncate()
    await handle.writeFile(text)
  } finally {
    await handle.close()
  }
}

/** As root: takes over a file that belonged to the server's user, if it exists. */
export async function takeOver(path: string): Promise<void> {
  const handle = await ifThere(openPlain(path, O_RDONLY))
  if (handle === undefined) return
  try {
    // A second name may be a hard link to somebody's file. A file that another start is just creating has two names for a moment.
    const tooLong = AbortSignal.timeout(2_000)
    while ((await handle.stat()).nlink > 1) {
      if (tooLong.aborted) throw plantedLink(path)
      await systemClock.sleep(20)
    }
    await handle.chown(0, 0)
    await handle.chmod(0o600)
  } finally {
    await handle.close()
  }
}

/** As root: copies a file that belongs to this user or is readable by everybody, and refuses every other. */
export async function copyOwnedBy(user: ServerUser, from: string, to: string): Promise<void> {
  const source = await openPlain(from, O_RDONLY)
  try {
    const { uid, mode } = await source.stat()
    if (uid !== user.uid && (mode & 0o004) === 0) throw plantedLink(from)
    await writeFile(to, source.createReadStream({ autoClose: false }), { flag: 'wx', mode: mode & 0o777 })
  } finally {
    await source.close()
  }
}

/** A folder of another user is emptied as that user, who could otherwise redirect root meanwhile. */
export async function removeTree(folder: string, user: ServerUser | undefined): Promise<void> {
  if (user === undefined) return rm(folder, { recursive: true, force: true })
  await lchown(folder, user.uid, user.gid)
  await runProgram('sh', ['-c', 'rm -rf -- * .[!.]*'], { user, cwd: folder })
  await rmdir(folder).catch((error: unknown) => {
    // Something in it belongs to somebody else: it stays, and does no harm.
    if (!hasCode(error, 'ENOTEMPTY', 'ENOENT')) throw error
  })
}

export function plantedLink(path: string, cause?: unknown): NeedsPerson {
  return new NeedsPerson(
    'store.embedded_link',
    `As root, ${path} is not used: it is a link, or not a plain file.`,
    {
      fix: `Find out who put it into ${dirname(path)} and remove it. It is best to start the service as its own user, not as root.`,
      cause,
    },
  )
}
