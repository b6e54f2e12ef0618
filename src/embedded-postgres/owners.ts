/**
 * The owners of the server and its files. Started by any user but root, that user owns everything. PostgreSQL refuses to run as
 * root, so root uses an unprivileged user, who owns the data and nothing else of ours: root writes to no folder of that user.
 */
import { type Stats } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { NeedsPerson } from '../base/failure.ts'
import { ifThere } from './if-there.ts'
import { plantedLink, type ServerUser } from './own-files.ts'
import { runProgram } from './program.ts'

export interface Owners {
  /** The user that runs the server and owns the data. Undefined: our own user. */
  readonly server: ServerUser | undefined
  /** The owner of password, port and log. `other`: root uses the folder of a user who started the service before. */
  readonly home: 'us' | 'other'
}

/** As root, finds the owner of the folder and its data; a new one is for `postgres`, or `nobody` if there is no such user. */
export async function ownersOf(home: string): Promise<Owners> {
  if (process.getuid?.() !== 0) return { server: undefined, home: 'us' }
  const usual = (await userNamed('postgres')) ?? (await userNamed('nobody'))
  const folder = await folderAt(home)
  const data = await folderAt(join(home, 'data'))
  const owner = ownerOf(data) ?? ownerOf(folder)
  if (owner !== undefined && ownerOf(folder) !== undefined && !(await wasMadeByRoot(home, owner, usual)))
    return { server: owner, home: 'other' }
  const server = owner ?? usual
  if (server !== undefined) return { server, home: 'us' }
  throw new NeedsPerson('store.embedded_no_user', 'The embedded PostgreSQL cannot run as root.', {
    fix: 'Add a user named postgres to this machine, start as another user, or set DATABASE_URL to a PostgreSQL of your own.',
  })
}

/** As root, 0.1.0 gave the whole folder to the server's user; a user who started the service also owns the parent folder. */
async function wasMadeByRoot(home: string, owner: ServerUser, usual: ServerUser | undefined) {
  return owner.uid === usual?.uid && (await stat(dirname(home))).uid !== owner.uid
}

async function folderAt(path: string): Promise<Stats | undefined> {
  const found = await ifThere(lstat(path))
  if (found !== undefined && !found.isDirectory()) throw plantedLink(path)
  return found
}

/** Undefined: it belongs to root, or does not exist. */
function ownerOf(folder: Stats | undefined): ServerUser | undefined {
  return folder === undefined || folder.uid === 0 ? undefined : { uid: folder.uid, gid: folder.gid }
}

async function userNamed(name: string): Promise<ServerUser | undefined> {
  const [uid, gid] = await Promise.all([runProgram('id', ['-u', name]), runProgram('id', ['-g', name])])
  return uid.exit === 0 && gid.exit === 0 ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined
}

/** Tests access as that user, since access lists and mount options count as well as mode bits. */
export async function canEnter(folder: string, user: ServerUser): Promise<boolean> {
  return (await runProgram('test', ['-x', folder], { user, cwd: '/' })).exit === 0
}
