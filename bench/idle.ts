/**
 * What an idle service costs: seconds until it is ready on an existing data folder, and the memory it then holds,
 * without PostgreSQL's. Beside each, an empty Node process measured in the same run. `--rounds N --idle SECONDS --json`
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const root = join(import.meta.dirname, '..')
const bars = { startSeconds: 3, residentMegabytes: 150 } as const

interface Measured {
  readonly startSeconds: number
  readonly residentMegabytes: number
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    idle: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
})
const idleSeconds = Number(values.idle)

/** From `spawn` until the line that says it is ready; the memory after it has been left alone for a while. */
async function measure(args: readonly string[], ready: RegExp, env: Readonly<Record<string, string>> = {}) {
  const began = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  await waitFor(child, ready)
  const startSeconds = (performance.now() - began) / 1000
  await pause(idleSeconds * 1000)
  const residentMegabytes = await resident(child.pid ?? 0)
  child.kill('SIGTERM')
  await exited
  return { startSeconds, residentMegabytes }
}

async function waitFor(child: ChildProcess, ready: RegExp): Promise<void> {
  if (child.stderr === null) throw new Error('no standard error to read')
  const lines = createInterface({ input: child.stderr })
  const seen: string[] = []
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      seen.push(line)
      if (ready.test(line)) resolve()
    })
    child.once('exit', () => reject(new Error(`it ended:\n${seen.join('\n')}`)))
  })
}

/** VmRSS of https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function resident(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN
}

function medians(rounds: readonly Measured[]): Measured {
  return {
    startSeconds: median(rounds.map((round) => round.startSeconds)),
    residentMegabytes: median(rounds.map((round) => round.residentMegabytes)),
  }
}

const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-idle-'))
const env = { DATA_DIR: dataDir, PORT: '0' }
const service: Measured[] = []
const emptyNode: Measured[] = []
try {
  const serve = () => measure(['src/main.ts', 'serve'], /"msg":"ready"/, env)
  const first = await serve()
  for (let round = 0; round < Number(values.rounds); round++) {
    service.push(await serve())
    const script = `console.error('ready'); setInterval(() => {}, 60_000)`
    emptyNode.push(await measure(['-e', script], /ready/))
  }
  const [ours, empty] = [medians(service), medians(emptyNode)]
  const passed = ours.startSeconds < bars.startSeconds && ours.residentMegabytes < bars.residentMegabytes
  const report = {
    passed,
    bars,
    service: ours,
    emptyNode: empty,
    firstStartSeconds: first.startSeconds,
    rounds: service,
  }
  process.exitCode = passed ? 0 : 1
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : textOf(report))
} finally {
  await rm(dataDir, { recursive: true, force: true })
}

function textOf(report: {
  readonly passed: boolean
  readonly service: Measured
  readonly emptyNode: Measured
  readonly firstStartSeconds: number
}): string {
  const { service: ours, emptyNode: empty, firstStartSeconds, passed } = report
  const line = (name: string, { startSeconds, residentMegabytes }: Measured) =>
    `${name.padEnd(12)} ${startSeconds.toFixed(2)} s  ${residentMegabytes.toFixed(0)} MB`
  return [
    line('service', ours),
    line('empty Node', empty),
    `ratio        ${(ours.startSeconds / empty.startSeconds).toFixed(1)}     ${(ours.residentMegabytes / empty.residentMegabytes).toFixed(1)}`,
    `first start on a new folder: ${firstStartSeconds.toFixed(2)} s`,
    `${passed ? 'passed' : 'FAILED'}: < ${bars.startSeconds} s and < ${bars.residentMegabytes} MB (medians of ${values.rounds} rounds, ${idleSeconds} s idle)`,
    '',
  ].join('\n')
}
