/** The part of a CV's address that only its holder knows. It names the application, signed, so nothing is stored for it. */
import { createHmac } from 'node:crypto'

interface Owner {
  readonly tenant: string
  readonly id: string
}

export function fileToken(salt: Uint8Array, { tenant, id }: Owner): string {
  const name = Buffer.from(`${tenant}/${id}`)
  return `${name.toString('base64url')}.${createHmac('sha256', salt).update(name).digest('hex').slice(0, 20)}`
}

/** Undefined when the token was not made with this salt. */
export function readFileToken(salt: Uint8Array, token: string): Owner | undefined {
  const name = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()
  const [tenant, id] = name.split('/')
  if (tenant === undefined || id === undefined) return undefined
  return fileToken(salt, { tenant, id }) === token ? { tenant, id } : undefined
}
