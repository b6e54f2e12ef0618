/** A badge desk to test against: a real HTTP server with accounts, which makes a badge for every order. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface FakeBadgeDesk {
  readonly url: string
  /** Makes an account; its token. Throws when there is one of that name. */
  addAccount(name: string): string
  badges(account: string): number
  close(): Promise<void>
}

interface Badge {
  readonly id: string
  readonly email: string
}

export async function startFakeBadgeDesk(): Promise<FakeBadgeDesk> {
  const accounts = new Map<string, Badge[]>()
  const tokenOf = (account: string) => `badge-token-of-${account}`
  let made = 0

  async function answer(request: IncomingMessage): Promise<readonly [status: number, body: unknown]> {
    const [, badges] =
      [...accounts].find(([name]) => request.headers.authorization === `Bearer ${tokenOf(name)}`) ?? []
    if (badges === undefined) return [401, { error: 'unknown token' }]
    if (request.method === 'POST') {
      const { email } = JSON.parse(await text(request)) as { email: string }
      const badge = { id: `badge-${++made}`, email }
      badges.push(badge)
      return [201, badge]
    }
    const email = new URL(request.url ?? '', 'http://localhost').searchParams.get('email')
    return [200, badges.filter((badge) => badge.email === email)]
  }

  const server = createServer((request, response) => {
    answer(request).then(
      ([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      },
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    addAccount(name) {
      if (accounts.has(name)) throw new Error(`the badge desk has an account ${name} already`)
      accounts.set(name, [])
      return tokenOf(name)
    },
    badges: (account) => accounts.get(account)?.length ?? 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
