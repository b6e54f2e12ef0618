/** What a process uses, as Linux counts it. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Memory that is in use now, in megabytes. */
export const residentMegabytes = (pid: number): Promise<number> => statusMegabytes(pid, 'VmRSS')

/** The most that ever was. */
export const mostMegabytes = (pid: number): Promise<number> => statusMegabytes(pid, 'VmHWM')

async function statusMegabytes(pid: number, name: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024
}

/** Seconds of processor time since it began, in the system and outside. */
export async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name is in brackets and may hold anything: fields count from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}
