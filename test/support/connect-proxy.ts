/** A little forward proxy: CONNECT for https, absolute addresses for http. It alone knows where its names lead. */
import { createServer, type IncomingMessage, request as forward, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export interface ConnectProxy {
  readonly port: number
  /** What it was asked for, in order, refused or not. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

export interface ConnectProxyOptions {
  /** Ports of this machine, by the host and port that it is asked for. */
  readonly leads?: Readonly<Record<string, number>>
  /** `user:password` that it asks for. */
  readonly credentials?: string
  /** Answers everything with this status; `closed`: hangs up instead; `silent`: never answers. */
  readonly refuses?: number | 'closed' | 'silent'
}

export async function openConnectProxy({
  leads = {},
  credentials,
  refuses,
}: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
  const statusFor = ({ headers }: IncomingMessage) =>
    wanted !== undefined && headers['proxy-authorization'] !== wanted ? 407 : refuses

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`)
    const refused = statusFor(request)
    if (refused === 'closed') response.destroy()
    if (typeof refused === 'number') response.writeHead(refused).end()
    if (refused !== undefined) return
    const { host, pathname, search } = new URL(request.url ?? '')
    const { method, headers } = request
    const onwards = forward({ port: leads[host], path: pathname + search, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onwards.on('error', () => response.destroy())
    request.pipe(onwards)
  })
  server.on('connection', (socket) => sockets.add(socket))
  server.on('connect', (request, near: Socket) => {
    asked.push(`CONNECT ${request.url ?? ''}`)
    near.on('error', () => near.destroy())
    const refused = statusFor(request)
    const port = leads[request.url ?? '']
    if (refused === 'closed') near.destroy()
    else if (refused === undefined && port !== undefined) tunnel(near, port)
    else if (refused !== 'silent') near.end(`HTTP/1.1 ${refused ?? 502} Refused\r\ncontent-length: 0\r\n\r\n`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function tunnel(near: Socket, port: number): void {
  const far = connect(port, '127.0.0.1', () => {
    near.write('HTTP/1.1 200 Connection established\r\n\r\n')
    near.pipe(far)
    far.pipe(near)
  })
  far.on('error', () => near.destroy())
  near.on('close', () => far.destroy())
}
