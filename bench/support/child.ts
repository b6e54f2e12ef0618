/** What is measured runs in processes of its own, so that it shares no event loop with the load. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const main = join(import.meta.dirname, '../../bin/pinpoint-webhooks.js')
const baselines = join(import.meta.dirname, '../baselines')
const run = promisify(execFile)

export type Env = Readonly<Record<string, string>>

/** Around the service, as the container and the systemd unit have it. */
export const asDeployed = {
  NODE_OPTIONS: '--max-old-space-size=1024 --max-semi-space-size=8 --disable-sigusr1',
  MALLOC_ARENA_MAX: '1',
} as const

/** Runs a command to its end and gives what it printed; rejects with its output when it fails. */
export async function command(env: Env, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [main, ...args], { env: { ...path(), ...env } })
  return stdout
}

export interface Running {
  readonly child: ChildProcess
  /** Everything printed until the line that was waited for, that line included. */
  readonly lines: readonly string[]
  /** From `spawn` to the line that was waited for. */
  readonly startSeconds: number
  close(): Promise<void>
}

/** Starts a command of the product that stays up, and waits for a line of its output. */
export function start(env: Env, until: RegExp, ...args: string[]): Promise<Running> {
  return startProgram([main, ...args], { ...asDeployed, ...env }, until)
}

/** Starts a baseline, and waits until it says that it is ready. Its address is the rest of that line. */
export async function startBaseline(name: string, env: Env): Promise<Running & { readonly url: string }> {
  const running = await startProgram([join(baselines, `${name}.ts`)], env, /^ready /)
  return { ...running, url: running.lines.at(-1)?.replace('ready ', '') ?? '' }
}

/** Node with these arguments. */
export async function startProgram(args: readonly string[], env: Env, until: RegExp): Promise<Running> {
  const began = performance.now()
  const child = spawn(process.execPath, args, {
    env: { ...path(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const { stdout, stderr } = child
  await new Promise<void>((resolve, reject) => {
    const readers = [stdout, stderr].map((input) => createInterface({ input }))
    for (const reader of readers) {
      reader.on('line', (line) => {
        lines.push(line)
        if (!until.test(line)) return
        for (const one of readers) one.close()
        resolve()
      })
    }
    child.once('exit', (code) =>
      reject(new Error(`${args.join(' ')} ended with ${String(code)}:\n${lines.slice(-30).join('\n')}`)),
    )
  })
  // Nobody reads on, and a full pipe must not hold the process up.
  stdout.resume()
  stderr.resume()
  return {
    child,
    lines,
    startSeconds: (performance.now() - began) / 1000,
    async close() {
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
