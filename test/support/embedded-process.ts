/** Real processes on an embedded server, to be killed; and a look at the server's own process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { z } from 'zod'

export interface EmbeddedProcess {
  readonly child: ChildProcess
  readonly url: string
  readonly superuserUrl: string
  readonly adopted: boolean
  /** SIGTERM: it gives its share back. */
  leave(): Promise<void>
  kill(): Promise<void>
}

export interface ProcessOptions {
  readonly user?: { readonly uid: number; readonly gid: number }
  /** On a port, as 0.1.0 did it. */
  readonly tcp?: boolean
  /** Another copy of the checkout. */
  readonly checkout?: string
}

const checkout = join(import.meta.dirname, '../..')
const line = z.object({ url: z.string(), superuserUrl: z.string(), adopted: z.boolean() })

export async function startProcess(dataDir: string, options: ProcessOptions = {}): Promise<EmbeddedProcess> {
  const program = join(options.checkout ?? checkout, 'test/support/embedded-user.ts')
  const child = spawn(process.execPath, [program, dataDir, options.tcp === true ? 'tcp' : ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options.user,
  })
  const exited = once(child, 'exit')
  const printed = createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  const first = await Promise.race([printed, exited.then(() => Promise.reject(new Error('it ended')))])
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await exited
  }
  return {
    child,
    ...line.parse(JSON.parse(String(first.value))),
    leave: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

/** Undefined when postmaster.pid is not there, which is how a server leaves that was stopped well. */
export async function postmasterPid(dataDir: string): Promise<number | undefined> {
  try {
    const text = await readFile(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8')
    return Number(text.split('\n')[0])
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
