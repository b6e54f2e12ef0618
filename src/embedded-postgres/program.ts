/** Runs a short program to its end. A non-zero exit is a result; a program that cannot be started is an error. */
import { execFile } from 'node:child_process'

export interface Ended {
  /** Undefined when a signal ended it. */
  readonly exit: number | undefined
  readonly output: string
}

export interface ProgramOptions {
  /** Unset: the program runs as our own user. Setting it requires root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  readonly cwd?: string
}

/**
 * `cwd` is entered before the user is changed: a program can work in a folder that its user could not reach by path.
 * It does not inherit our environment: `PGDATA`, `PGOPTIONS` or a locale that is not installed would change its behaviour.
 */
export function runProgram(
  file: string,
  args: readonly string[],
  { user, cwd }: ProgramOptions = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const options = { ...user, ...(cwd === undefined ? {} : { cwd }), env: { PATH: '/usr/bin:/bin' } }
    const child = execFile(file, args, options, (_, stdout, stderr) => {
      resolve({ exit: child.exitCode ?? undefined, output: stdout + stderr })
    })
    child.once('error', reject)
  })
}
