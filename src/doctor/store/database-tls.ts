/** Whether somebody on the network can read the traffic to the database or answer in its place, by how the driver reads the URL. */
import { BlockList, isIP } from 'node:net'

import pg from 'pg'

import type { CheckItem } from '../../sdk/check.ts'

/** A database on this machine has no findings. */
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
