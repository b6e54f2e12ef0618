/** The service as a process of its own, which a test can kill. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '../..')

export interface ServiceProcess {
  readonly url: string
  /** Where its metrics are. */
  readonly adminUrl: string
  readonly pid: number
  /** Everything it has written so far. */
  output(): string
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

export interface ServiceProcessOptions {
  readonly user?: { readonly uid: number; readonly gid: number }
  /** Another copy of the checkout. */
  readonly checkout?: string
  /** What node runs instead of the product, with its arguments. */
  readonly program?: readonly string[]
  /** Put before the command line, such as `ip netns exec NAME`. */
  readonly within?: readonly string[]
}

/** Resolves when it says that it is ready. */
export async function startServiceProcess(
  env: Readonly<Record<string, string>>,
  { user, checkout = root, program, within = [] }: ServiceProcessOptions = {},
): Promise<ServiceProcess> {
  const line = [process.execPath, ...(program ?? [join(checkout, 'src/main.ts'), 'serve'])]
  const [command = '', ...args] = [...within, ...line]
  const child = spawn(command, args, {
    ...user,
    cwd: checkout,
    env: { PATH: process.env['PATH'], ...env, LOG_LEVEL: env['LOG_LEVEL'] ?? 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A test that is cut off before this resolves would leave it behind.
  const orphaned = () => child.kill('SIGKILL')
  process.once('exit', orphaned)
  child.once('exit', () => process.off('exit', orphaned))
  const lines: string[] = []
  const urls = await readyUrls(child, lines)
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
    return child.exitCode
  }
  return {
    ...urls,
    pid: child.pid ?? 0,
    output: () => lines.join('\n'),
    kill: async () => {
      await end('SIGKILL')
    },
    stop: () => end('SIGTERM'),
  }
}

async function readyUrls(
  child: ChildProcess,
  lines: string[],
): Promise<Pick<ServiceProcess, 'url' | 'adminUrl'>> {
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        // A version before it had one listener for both.
        const ready = /"url":"(http:[^"]+)"(?:,"admin":"(http:[^"]+)")?.*"msg":"ready"/.exec(line)
        const [, url, adminUrl = url] = ready ?? []
        if (url !== undefined && adminUrl !== undefined) resolve({ url, adminUrl })
      })
    }
    child.once('exit', (code) =>
      reject(new Error(`the service ended with ${String(code)}:\n${lines.join('\n')}`)),
    )
  })
}
