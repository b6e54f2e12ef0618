/** Our files, opened as root so that nobody can lead us elsewhere: a link, a pipe or a second name of some other file is refused. */
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

/** Anybody else may lead themselves wherever they like. */
const isRoot = process.getuid?.() === 0

async function openPlain(path: string, flags: number): Promise<FileHandle> {
  // A pipe without a writer would keep us waiting; both flags change nothing for a plain file.
  const handle = await open(path, isRoot ? flags | O_NOFOLLOW | O_NONBLOCK : flags, 0o600).catch(
    (cause: unknown) => {
      throw hasCode(cause, 'ELOOP', 'EMLINK', 'ENXIO') ? plantedLink(path, cause) : cause
    },
  )
  if (!isRoot || (await handle.stat()).isFile()) return handle
  await handle.close()
  throw plantedLink(path)
}

/** Undefined when it is not there. */
export async function readOwn(path: string): Promise<Buffer | undefined> {
  const handle = await ifThere(openPlain(path, O_RDONLY))
  if (handle === undefined) return undefined
  try {
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

/** For writing at its end. */
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

/** As root: takes a file over that belonged to the server's user, if it is there. */
export async function takeOver(path: string): Promise<void> {
  const handle = await ifThere(openPlain(path, O_RDONLY))
  if (handle === undefined) return
  try {
    // Another name of somebody's file. One that a start is just making has two names for a moment.
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

/** As root: copies a file of this user, or one that everybody may read, and no other that it was led to. */
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

/** A folder that belongs to another user is emptied as that user, who could lead root elsewhere meanwhile. */
export async function removeTree(folder: string, user: ServerUser | undefined): Promise<void> {
  if (user === undefined) return rm(folder, { recursive: true, force: true })
  await lchown(folder, user.uid, user.gid)
  await runProgram('sh', ['-c', 'rm -rf -- * .[!.]*'], { user, cwd: folder })
  await rmdir(folder).catch((error: unknown) => {
    // Something in it is not theirs: it stays, and harms nobody.
    if (!hasCode(error, 'ENOTEMPTY', 'ENOENT')) throw error
  })
}

export function plantedLink(path: string, cause?: unknown): NeedsPerson {
  return new NeedsPerson(
    'store.embedded_link',
    `As root, ${path} is not used: it is a link, or no plain file.`,
    {
      fix: `Find out who put it into ${dirname(path)} and remove it. Best start the service as a user of its own, and not as root.`,
      cause,
    },
  )
}
