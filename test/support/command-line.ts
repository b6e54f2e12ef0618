/** A command line, run in this process as `main` runs it. */
import { runCli } from '../../src/cli/cli.ts'
import { commands } from '../../src/cli/commands.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
  /** What `--json` printed, on success or on failure. */
  readonly json: unknown
}

export async function runCommand(
  line: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal = new AbortController().signal,
): Promise<Ran> {
  let out = ''
  let err = ''
  const code = await runCli(line, {
    version: '0.0.0',
    commands,
    environment: { LOG_LEVEL: 'silent', ...environment },
    signal,
    write: { out: (text) => (out += text), err: (text) => (err += text) },
  })
  return { code, out, err, json: line.includes('--json') ? parsed(out === '' ? err : out) : undefined }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new Error(`not JSON: ${text}`)
  }
}
