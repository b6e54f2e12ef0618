/** Identifies this process, so that a restarted service can detect that a worker of the same machine is dead. */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

export interface ProcessIdentity {
  /** `machine/pid/start`: where the system allows, machine is unique to this boot and pid namespace. */
  readonly name: string
  /** True only if that process has certainly ended: same machine, and no process with its pid and start time. */
  isGone(name: string): boolean
}

export function processIdentity(pid: number = process.pid): ProcessIdentity {
  const machine = machineName()
  return {
    name: [machine, pid, startOf(pid) ?? 0].join('/'),
    isGone(name) {
      const [otherMachine, otherPid, otherStart] = name.split('/')
      if (otherMachine !== machine || otherPid === undefined || !/^\d+$/.test(otherPid)) return false
      const start = startOf(Number(otherPid))
      return start === undefined ? !answersSignals(Number(otherPid)) : start !== otherStart
    },
  }
}

function machineName(): string {
  const boot = readOr('/proc/sys/kernel/random/boot_id')
  const namespace = linkOr('/proc/self/ns/pid').replace(/\D/g, '')
  return [hostname(), boot, namespace].filter((part) => part !== '').join('-')
}

/** Clock ticks between boot and the start of the process: with the pid, they identify one process. */
function startOf(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`)
  // The command's name is in parentheses and may contain anything; field 22 is the 20th after it.
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Systems without /proc give nothing: then only the pid counts, and the heartbeat is the safety net. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

function linkOr(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
