/** The address of a cluster's server: a socket in its folder, which no other user can enter; a port where sockets are impossible. */
import { platform } from 'node:os'
import { join } from 'node:path'

export interface Address {
  /** The folder of the socket, or a loopback address: PostgreSQL and its drivers tell them apart by the first character. */
  readonly host: string
  /** Of a socket: part of its name. */
  readonly port: number
}

/** The lowest limit of any system is 104 bytes: https://man.freebsd.org/cgi/man.cgi?unix(4) */
const longestPath = 100
const socketPort = 5432
export const socketLock = `.s.PGSQL.${socketPort}.lock`

/** Undefined on Windows, and where the path would be too long for the system. */
export function socketIn(data: string): Address | undefined {
  const path = join(data, `.s.PGSQL.${socketPort}`)
  if (platform() === 'win32' || Buffer.byteLength(path) > longestPath) return undefined
  return { host: data, port: socketPort }
}

export const loopback = '127.0.0.1'

export function isSocket({ host }: Address): boolean {
  return host !== loopback
}

export function nameOf({ host, port }: Address): string {
  return host === loopback ? `${host}:${port}` : host
}

export function isSame(one: Address, other: Address): boolean {
  return one.host === other.host && one.port === other.port
}
