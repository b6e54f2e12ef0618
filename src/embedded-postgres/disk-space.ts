/** Disk space for the database: checked only where a lack of it would explain a failure, and by the doctor. */
import { statfs } from 'node:fs/promises'

import { NeedsPerson } from '../base/failure.ts'

/** With less, PostgreSQL cannot start: one WAL segment of 16 MiB and a new cluster of 40 MiB. */
const needed = 64 * 1024 * 1024

export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

export async function hasDiskSpace(folder: string): Promise<boolean> {
  return (await freeBytes(folder)) >= needed
}

export function noDiskSpace(folder: string): NeedsPerson {
  return new NeedsPerson(
    'store.disk_full',
    `There is no room on the disk for the embedded PostgreSQL in ${folder}.`,
    {
      fix: 'Free some space and start again, choose a DATA_DIR on another disk, or set DATABASE_URL to a PostgreSQL of your own.',
    },
  )
}
