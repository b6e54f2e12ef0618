/**
 * The way to the destinations, which loses calls and answers when told to: a proxy that cuts the caller's connection
 * before it has passed a request on, or after the destination has answered.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Loss = 'request' | 'answer'

export interface UnreliableNetwork {
  /** The address under which this tenant's calls to `url` suffer. */
  through(account: string, url: string): string
  /** The next call of this tenant. */
  lose(account: string, loss: Loss): void
  close(): Promise<void>
}

export async function openUnreliableNetwork(): Promise<UnreliableNetwork> {
  const targets: { readonly account: string; readonly url: string }[] = []
  const losses = new Map<string, Loss>()
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy())
  })

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, number = '', rest = ''] = /^\/(\d+)(.*)$/s.exec(request.url ?? '') ?? []
    const target = targets[Number(number)]
    if (target === undefined) throw new Error('no destination has this address')
    const loss = losses.get(target.account)
    losses.delete(target.account)
    const body = await readAll(request)
    if (loss === 'request') return void response.destroy()

    const answer = await fetch(target.url + rest, {
      method: request.method ?? 'GET',
      headers: forwarded(request),
      body: body.length === 0 ? null : new Uint8Array(body),
      redirect: 'manual',
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (loss === 'answer') return void response.destroy()
    // fetch has unpacked it.
    const skipped = ['content-encoding', 'content-length', 'transfer-encoding', 'connection']
    const headers = [...answer.headers].filter(([name]) => !skipped.includes(name))
    response.writeHead(answer.status, Object.fromEntries(headers)).end(bytes)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    through: (account, url) =>
      `http://127.0.0.1:${port}/${targets.push({ account, url: url.replace(/\/$/, '') }) - 1}`,
    lose: (account, loss) => void losses.set(account, loss),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function forwarded({ headersDistinct }: IncomingMessage): [string, string][] {
  const skipped = ['host', 'connection', 'content-length', 'transfer-encoding']
  return Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    skipped.includes(name) ? [] : values.map((value): [string, string] => [name, value]),
  )
}
