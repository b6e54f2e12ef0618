/**
 * Processes of a server whose postmaster was killed. They end by themselves once they wait for something, but a process
 * that is busy with a statement notices nothing, and holds the shared memory that keeps every new server out.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'

import { hasCode, ifThere } from './if-there.ts'
import { workingDirectory } from './postmaster.ts'

/**
 * Ends server processes in `data` whose parent is not a server there. Their work is lost with their postmaster: nothing
 * commits it. Linux only; elsewhere a start waits for them.
 */
export async function endOrphans(data: string): Promise<void> {
  if (platform() !== 'linux') return
  const { dev, ino } = await stat(data)
  const worksThere = async (pid: number) => {
    const folder = await workingDirectory(pid)
    return folder?.dev === dev && folder.ino === ino
  }
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 1)
  await Promise.all(
    pids.map(async (pid) => {
      if (!(await worksThere(pid)) || !(await isServerChild(pid))) return
      const parent = await parentOf(pid)
      if (parent !== undefined && !(await worksThere(parent))) kill(pid)
    }),
  )
}

/** A postmaster shows its command line, its children a title: `postgres: checkpointer`. */
async function isServerChild(pid: number): Promise<boolean> {
  const title = await ifThere(readFile(join('/proc', String(pid), 'cmdline'), 'utf8'))
  return title?.startsWith('postgres: ') === true
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name in brackets may hold anything, so from its end. */
async function parentOf(pid: number): Promise<number | undefined> {
  const text = await ifThere(readFile(join('/proc', String(pid), 'stat'), 'utf8'))
  if (text === undefined) return undefined
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1])
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}
