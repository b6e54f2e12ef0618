/** PostgreSQL refuses to run as root: this is the user it runs as when we do. */
import { stat } from 'node:fs/promises'

import { NeedsPerson } from '../../base/failure.ts'
import { ifThere } from './if-there.ts'
import { runProgram } from './program.ts'

export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/**
 * Undefined: the server runs as we do. As root, whoever owns the cluster already; for a new one `postgres`, or
 * `nobody` where that user does not exist (most containers).
 */
export async function serverUser(home: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const owner = await ifThere(stat(home))
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const user = (await userNamed('postgres')) ?? (await userNamed('nobody'))
  if (user !== undefined) return user
  throw new NeedsPerson('store.embedded_no_user', 'The embedded PostgreSQL cannot run as root.', {
    fix: 'Add a user named postgres to this machine, start as another user, or set DATABASE_URL to a PostgreSQL of your own.',
  })
}

async function userNamed(name: string): Promise<ServerUser | undefined> {
  const [uid, gid] = await Promise.all([runProgram('id', ['-u', name]), runProgram('id', ['-g', name])])
  return uid.exit === 0 && gid.exit === 0 ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined
}

/** Asks the system under that user, since access lists and mount options count as well as mode bits. */
export async function canEnter(folder: string, user: ServerUser): Promise<boolean> {
  return (await runProgram('test', ['-x', folder], { user, cwd: '/' })).exit === 0
}
