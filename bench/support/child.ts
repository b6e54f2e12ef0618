/** The product's own commands as processes of their own, so that what is measured shares no event loop with the load. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const main = join(import.meta.dirname, '../../src/main.ts')
const run = promisify(execFile)

export type Env = Readonly<Record<string, string>>

/** Runs a command to its end and gives what it printed; rejects with its output when it fails. */
export async function command(env: Env, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [main, ...args], { env: { ...path(), ...env } })
  return stdout
}

export interface Running {
  readonly child: ChildProcess
  /** Everything printed until the line that was waited for, that line included. */
  readonly lines: readonly string[]
  stop(): Promise<void>
}

/** Starts a command that stays up, and waits for a line of its output. */
export async function start(env: Env, until: RegExp, ...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...path(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  await new Promise<void>((resolve, reject) => {
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        if (lines.length < 1000) lines.push(line)
        if (until.test(line)) resolve()
      })
    }
    child.once('exit', (code) =>
      reject(new Error(`${args.join(' ')} ended with ${String(code)}:\n${lines.join('\n')}`)),
    )
  })
  return {
    child,
    lines,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

function path(): Env {
  return { PATH: process.env['PATH'] ?? '' }
}
