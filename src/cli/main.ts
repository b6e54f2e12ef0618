/** The CLI in a process of its own: its environment, its streams and its signals. */
import '../base/jitless.ts'

import packageJson from '../../package.json' with { type: 'json' }
import { processEnvironment } from '../config/environment.ts'
import { hasColours } from '../config/logging.ts'
import { runCli } from './cli.ts'
import { commands } from './commands.ts'
import type { ExitCode } from './exit-code.ts'

export async function main(line: readonly string[]): Promise<ExitCode> {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return runCli(line, {
    version: packageJson.version,
    commands,
    environment: processEnvironment,
    signal: stopSignal(),
    watched: process.stderr.isTTY,
    colours: hasColours(processEnvironment, process.stdout.isTTY),
    write: { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) },
  })
}

/** The first signal asks to stop; a second one finds no listener any more and ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  // Started by bin/, which may be killed: nobody could stop this process then.
  process.once('disconnect', () => stop.abort())
  process.channel?.unref()
  return stop.signal
}
