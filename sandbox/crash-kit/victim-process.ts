/** Starts victims and waits for their end. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { extname, join } from 'node:path'
import { createInterface } from 'node:readline'

import type { VictimOrder } from './victim.ts'

export interface Victim {
  /** Undefined: it died before it was ready, which some are meant to. */
  readonly url: string | undefined
  /** Resolves with how it ended. */
  readonly ended: Promise<{ readonly signal: NodeJS.Signals | null }>
  kill(signal: NodeJS.Signals): void
}

/** Resolves when it is ready or gone. `lines` gets everything that it writes. */
export async function startVictim(
  order: VictimOrder,
  env: Readonly<Record<string, string>>,
  lines: string[],
): Promise<Victim> {
  // In the package it is JavaScript, as this file is.
  const program = join(import.meta.dirname, `victim${extname(import.meta.filename)}`)
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(env['DATA_DIR'] ?? '', 'compiled'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close').then(() => ({ signal: child.signalCode }))
  const ready = Promise.withResolvers<string>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      const url = /"url":"(http:[^"]+)".*"msg":"ready"/.exec(line)?.[1]
      if (url !== undefined) ready.resolve(url)
    })
  }
  const url = await Promise.race([ready.promise, ended.then(() => undefined)])
  return { url, ended, kill: (signal) => void child.kill(signal) }
}
