/** Command lines run as an operator runs them: processes of their own, with a data folder and an environment of their own. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'

import { expect } from 'vitest'

import { runCommand as runHere } from './command-line.ts'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  /** All there is, beside PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** Standard input. */
  readonly input?: string
  readonly user?: { readonly uid: number; readonly gid: number }
  /** Another copy of the checkout. */
  readonly checkout?: string
  /** Start it as `npx --no pinpoint-webhooks` does, through bin/. */
  readonly bin?: boolean
  /** In this process, which takes no second: where a process of its own would show nothing more. What is logged is not given. */
  readonly here?: boolean
}

const root = join(import.meta.dirname, '../..')

export async function runCommand(line: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const { env = {}, input = '', user, checkout = root, bin = false, here = false } = options
  if (here) {
    const { code, out: stdout, err: stderr } = await runHere(line, env)
    return { code, stdout, stderr }
  }
  const program = bin ? 'bin/pinpoint-webhooks.js' : 'src/main.ts'
  const child = spawn(process.execPath, [join(checkout, program), ...line], {
    cwd: checkout,
    env: { PATH: process.env['PATH'], ...env },
    ...user,
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  // A command that fails early does not read what it was given.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [stdout, stderr, code] = await Promise.all([readAll(child.stdout), readAll(child.stderr), ended])
  return { code, stdout, stderr }
}

/** Runs with `--json`: standard output must be JSON and nothing else. Gives it with the exit code. */
export async function runJson(
  line: readonly string[],
  options: CommandOptions = {},
): Promise<{ readonly code: number | null; readonly data: unknown }> {
  const { code, stdout, stderr } = await runCommand([...line, '--json'], options)
  expect(stdout, `${line.join(' ')} ended with ${String(code)}: ${stderr}`).not.toBe('')
  return { code, data: JSON.parse(stdout) as unknown }
}

/** Runs with `--json` what must fail: nothing on standard output, and the failure as the last line of standard error. */
export async function failJson(
  line: readonly string[],
  options: CommandOptions = {},
): Promise<{ readonly code: number | null; readonly error: unknown }> {
  const { code, stdout, stderr } = await runCommand([...line, '--json'], options)
  expect(stdout).toBe('')
  const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { readonly error: unknown }
  return { code, error }
}
