/** Whether what goes to the database can be read, or answered by somebody else, on the way. Asks the driver what it makes of the URL. */
import { BlockList, isIP } from 'node:net'

import pg from 'pg'

import type { CheckItem } from '../../sdk/check.ts'

/** Nothing to tell of a database on this machine. */
export function databaseTls(urls: readonly string[]): readonly (CheckItem & { readonly warning?: true })[] {
  const away = urls.map((url) => wayTo(url)).filter(({ host }) => !isOnThisMachine(host))
  if (away.length === 0) return []
  const what = 'TLS'
  const open = new Set(away.filter(({ verified }) => !verified).map(({ host }) => host))
  if (open.size === 0)
    return [{ ok: true, what, because: 'The way to the database is encrypted, and its certificate checked.' }]
  return Array.from(open, (host) => ({
    ...{ ok: true, warning: true as const, what },
    because:
      `Whoever is on the way to ${host} can read what is stored, the password's exchange included, or answer in its place. ` +
      'Add sslmode=verify-full to the address, unless nobody else reaches the network in between.',
  }))
}

function wayTo(url: string): { readonly host: string; readonly verified: boolean } {
  const { host, ssl } = new pg.Client({ connectionString: url })
  return { host, verified: isVerified(ssl) }
}

/** https://node-postgres.com/features/ssl: `true`, or what Node's `tls.connect` takes. */
function isVerified(ssl: unknown): boolean {
  if (typeof ssl !== 'object' || ssl === null) return ssl === true
  const {
    rejectUnauthorized,
    checkServerIdentity,
  }: { rejectUnauthorized?: unknown; checkServerIdentity?: unknown } = ssl
  return rejectUnauthorized !== false && checkServerIdentity === undefined
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

function isOnThisMachine(host: string): boolean {
  if (host.startsWith('/') || host === 'localhost') return true
  const version = isIP(host)
  return version !== 0 && loopback.check(host, version === 6 ? 'ipv6' : 'ipv4')
}
