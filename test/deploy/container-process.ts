/**
 * A command as a container would run it: an ordinary user, a tree that nobody may write to, and, where this machine
 * lets us, process 1 of a namespace in which the tree is mounted read-only.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

export const isRoot = process.getuid?.() === 0
const nobody = 65_534

/** Root may make namespaces, unless it is in a container itself that keeps it from that. */
export const isolates =
  isRoot && spawnSync('unshare', ['--mount', '--pid', '--fork', '--mount-proc', 'true']).status === 0

/** Who runs it, where we may choose. */
export const user = { uid: nobody, gid: nobody }

export interface ContainerProcess {
  readonly url: string
  /** Its number where it runs: 1 when isolated. */
  readonly pid: number
  output(): string
  /** SIGTERM to the process itself; resolves with the exit code. */
  stop(): Promise<number | null>
  kill(): Promise<void>
}

export interface ContainerOptions {
  readonly tree: string
  /** The command line, as in the documentation. */
  readonly line: string
  readonly env: Readonly<Record<string, string>>
}

/** Resolves when it says that it is ready. */
export async function startContained({ tree, line, env }: ContainerOptions): Promise<ContainerProcess> {
  const child = isolates
    ? spawn(
        'unshare',
        ['--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-ec', isolated(line)],
        {
          cwd: '/',
          env: { ...env, TREE: tree },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      )
    : spawn('sh', ['-ec', `exec ${line}`], {
        cwd: tree,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        ...(isRoot ? user : {}),
      })
  const lines: string[] = []
  const exited = once(child, 'exit')
  const url = await readyUrl(child, lines)
  const target = isolates ? onlyChild(child.pid ?? 0) : (child.pid ?? 0)
  return {
    url,
    pid: isolates ? numberInside(target) : target,
    output: () => lines.join('\n'),
    async stop() {
      process.kill(target, 'SIGTERM')
      await exited
      return child.exitCode
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Each step replaces the one before, so that the command ends up as process 1 without any right of root. */
const isolated = (line: string) => `
  mount --bind "$TREE" "$TREE"
  mount -o remount,bind,ro "$TREE"
  cd "$TREE"
  unset TREE
  exec setpriv --reuid ${nobody} --regid ${nobody} --clear-groups --bounding-set=-all --no-new-privs ${line}`

const onlyChild = (pid: number) =>
  Number(execFileSync('cat', [`/proc/${pid}/task/${pid}/children`], { encoding: 'utf8' }).trim())

function numberInside(pid: number): number {
  const [, numbers = ''] = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(numbers.split(/\s+/).at(-1))
}

function readyUrl(child: ChildProcess, lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        const [, url] = /"url":"(http:[^"]+)".*"msg":"ready"/.exec(line) ?? []
        if (url !== undefined) resolve(url)
      })
    }
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`it ended with ${String(code)}:\n${lines.join('\n')}`)))
  })
}
