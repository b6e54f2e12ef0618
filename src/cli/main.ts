/** Connects the CLI to its process: environment, streams and signals. */
import '../base/jitless.ts'

import packageJson from '../../package.json' with { type: 'json' }
import { processEnvironment } from '../config/environment.ts'
import { hasColours } from '../config/logging.ts'
import { runCli } from './cli.ts'
import { commands } from './commands.ts'
import type { ExitCode } from './exit-code.ts'

export async function main(line: readonly string[]): Promise<ExitCode> {
  // A reader that closes the pipe early (`| head`) is no error.
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

/** The first signal asks to stop; the second one has no listener any more, so it ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  // The parent is bin/. If it is killed, its signals no longer reach this process.
  process.once('disconnect', () => stop.abort())
  process.channel?.unref()
  return stop.signal
}
