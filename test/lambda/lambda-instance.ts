/**
 * An instance of a function as Lambda runs it: a process with the runtime interface client, a Runtime API that hands it one
 * event at a time, a time limit that kills, and a freeze between two events.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface InstanceOptions {
  /** Of the runtime interface client. */
  readonly program: string
  /** The unpacked bundle: what is /var/task in Lambda. */
  readonly taskRoot: string
  /** `src/lambda/receive.handler` */
  readonly handler: string
  readonly functionName: string
  readonly env: Readonly<Record<string, string>>
}

/** What Lambda tells whoever invoked a function whose process ended or was ended. */
export class InstanceDied extends Error {
  override readonly name = 'InstanceDied'
}

export interface Instance {
  /** From the start of the process to its first request for an event: what Lambda reports as the init duration. */
  readonly initMilliseconds: number
  /** What it computed meanwhile: the part of it that a busy machine does not stretch so much. */
  readonly initCpuMilliseconds: number
  /** What it has computed so far. */
  cpuMilliseconds(): number
  /** Rejects with what the function failed with, and with `InstanceDied` when the time limit killed it. */
  invoke(event: unknown, limit?: { readonly milliseconds: number }): Promise<unknown>
  /** Stops the process as it stands, as Lambda does between two events. The next event thaws it. */
  freeze(): void
  output(): string
  kill(): Promise<void>
}

interface Pending {
  readonly id: string
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const api = createRuntimeApi()
  const address = await api.listen()
  const started = performance.now()
  const { child, lines } = spawnClient(options, address)
  const exited = once(child, 'exit').then(() => {
    api.died(
      new InstanceDied(
        `the instance ended (${String(child.signalCode ?? child.exitCode)}):\n${lines.join('')}`,
      ),
    )
  })
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
    await api.close()
  }
  try {
    await api.asked()
  } catch (error) {
    await kill()
    throw error
  }
  return {
    initMilliseconds: performance.now() - started,
    initCpuMilliseconds: cpuMilliseconds(child.pid ?? 0),
    cpuMilliseconds: () => cpuMilliseconds(child.pid ?? 0),
    output: () => lines.join(''),
    freeze: () => void child.kill('SIGSTOP'),
    kill,
    async invoke(event, { milliseconds } = { milliseconds: 60_000 }) {
      child.kill('SIGCONT')
      const limit = setTimeout(() => child.kill('SIGKILL'), milliseconds)
      try {
        return await api.invoke(event, milliseconds)
      } finally {
        clearTimeout(limit)
      }
    },
  }
}

function spawnClient(options: InstanceOptions, address: string): { child: ChildProcess; lines: string[] } {
  const { program, taskRoot, handler, functionName, env } = options
  // As Lambda's Node 24 is started: without what is still experimental.
  const child = spawn(
    process.execPath,
    ['--no-experimental-require-module', '--no-experimental-detect-module', program],
    {
      cwd: taskRoot,
      env: {
        PATH: process.env['PATH'],
        AWS_LAMBDA_RUNTIME_API: address,
        LAMBDA_TASK_ROOT: taskRoot,
        _HANDLER: handler,
        AWS_LAMBDA_FUNCTION_NAME: functionName,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
        AWS_LAMBDA_LOG_STREAM_NAME: 'test',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => lines.push(chunk.toString()))
  return { child, lines }
}

/** User and system time, in hundredths of a second as Linux counts it. */
function cpuMilliseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function createRuntimeApi() {
  let waiting: ServerResponse | undefined
  let pending: Pending | undefined
  let dead: Error | undefined
  const asks = new EventTarget()
  let failInit: (error: Error) => void = () => {}
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // The instance has been killed in the middle of its request.
      if (request.complete) throw error
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '')
    if (path === 'invocation/next') {
      waiting = response
      asks.dispatchEvent(new Event('next'))
      return
    }
    const body = await text(request)
    response.writeHead(202).end()
    if (path === 'init/error') {
      failInit(new Error(`the function did not start: ${body}`))
      return
    }
    const [, id, outcome] = path.split('/')
    if (pending?.id !== id) return
    if (outcome === 'response') pending?.resolve(JSON.parse(body))
    else pending?.reject(new Error(body))
  }

  return {
    async listen(): Promise<string> {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return `127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    /** Resolves when the client waits for an event. */
    asked(): Promise<void> {
      if (waiting !== undefined) return Promise.resolve()
      if (dead !== undefined) return Promise.reject(dead)
      return new Promise((resolve, reject) => {
        failInit = reject
        asks.addEventListener('next', () => resolve(), { once: true })
      })
    },
    async invoke(event: unknown, milliseconds: number): Promise<unknown> {
      await this.asked()
      const id = randomUUID()
      const ended = new Promise((resolve, reject) => (pending = { id, resolve, reject }))
      const response = waiting
      waiting = undefined
      response?.writeHead(200, {
        'content-type': 'application/json',
        'Lambda-Runtime-Aws-Request-Id': id,
        'Lambda-Runtime-Deadline-Ms': String(Date.now() + milliseconds),
        'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:eu-west-1:000000000000:function:test',
        'Lambda-Runtime-Trace-Id': 'Root=1-00000000-000000000000000000000000',
      })
      response?.end(JSON.stringify(event))
      return ended
    },
    died(error: Error): void {
      dead = error
      failInit(error)
      pending?.reject(error)
    },
    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
