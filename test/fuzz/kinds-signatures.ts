/** Signatures that are nearly right. None of these may be admitted. */
import { createHash, createHmac } from 'node:crypto'

import type { Random } from './random.ts'
import { head, hire, host, type Kind, lengthOf, signatureOf, tenants, type Throw } from './throw.ts'

type Forge = (body: Buffer, random: Random) => readonly (readonly [string, string])[]

const name = 'PINPOINT-HMAC-SHA256'
const right = (body: Buffer) => signatureOf(body)[1]
type Key = readonly [algorithm: string, secret: string | Buffer]
const hmac = ([algorithm, secret]: Key, body: Buffer, encoding: 'base64' | 'base64url' | 'hex') =>
  createHmac(algorithm, secret).update(body).digest(encoding)

const forgeries: Readonly<Record<string, Forge>> = {
  none: () => [],
  empty: () => [[name, '']],
  random: (_, random) => [[name, random.bytes(32).toString('base64')]],
  'one bit': (body, random) => {
    const bytes = Buffer.from(right(body), 'base64')
    const at = random.below(32)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    return [[name, bytes.toString('base64')]]
  },
  'cut off': (body, random) => [[name, right(body).slice(0, random.below(44))]],
  'made longer': (body, random) => [[name, right(body) + random.pick(['=', 'A', '\t\v', ' =', ',', '\x00'])]],
  'in lower case': (body) => [[name, `${right(body).toLowerCase().slice(0, 42)}!=`]],
  'for URLs': (body) => [[name, hmac(['sha256', tenants.acme], body, 'base64url')]],
  'in hex': (body) => [[name, hmac(['sha256', tenants.acme], body, 'hex')]],
  'with a prefix': (body, random) => [
    [name, `${random.pick(['sha256=', 'v1,', 'Bearer ', '"'])}${right(body)}`],
  ],
  'base64 of another spelling': (body) => {
    // The last character holds two bits that say nothing: other spellings of the same bytes.
    const text = right(body)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const next = alphabet[alphabet.indexOf(text.charAt(42)) + 1] ?? 'B'
    return [[name, `${text.slice(0, 42)}${next}=`]]
  },
  twice: (body) => [
    [name, right(body)],
    [name, right(body)],
  ],
  'right and wrong': (body) => [
    [name, right(body)],
    [name, `${'A'.repeat(43)}=`],
  ],
  'in another header': (body, random) => [
    [random.pick(['X-PINPOINT-HMAC-SHA256', 'PINPOINT_HMAC_SHA256', 'Signature']), right(body)],
  ],
  "another tenant's secret": (body) => [signatureOf(body, tenants.globex)],
  'the empty secret': (body) => [[name, hmac(['sha256', ''], body, 'base64')]],
  'another algorithm': (body, random) => [
    [name, hmac([random.pick(['sha1', 'sha512', 'sha3-256', 'md5']), tenants.acme], body, 'base64')],
  ],
  'no key': (body) => [[name, createHash('sha256').update(body).digest('base64')]],
  'the secret decoded': (body) => [
    [name, hmac(['sha256', Buffer.from(tenants.acme, 'base64')], body, 'base64')],
  ],
  'another body': (body, random) => [
    signatureOf(random.pick([Buffer.alloc(0), Buffer.concat([body, Buffer.from('\n')]), body.subarray(1)])),
  ],
  'the parsed body': (body) => [
    signatureOf(Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 2))),
  ],
}

export const nearlyRight: Kind = (random): Throw => {
  const kind = random.pick(Object.keys(forgeries))
  const body = hire(random)
  const headers = [host, lengthOf(body), ...(forgeries[kind]?.(body, random) ?? [])]
  const path = random.pick(['/webhooks/pinpoint/acme', '/webhooks/pinpoint/acme?integration=hibob'])
  return { kind: `signature: ${kind}`, bytes: [head({ path, headers }), body], expected: 'refused' }
}

/** Without a tenant in the path everybody's secret counts. */
export const anybody: Kind = (random) => {
  const body = hire(random)
  const whose = random.pick([tenants.acme, tenants.globex, 'nobodys-secret'])
  const headers = [host, lengthOf(body), signatureOf(body, whose)]
  return {
    kind: 'signature: without a tenant',
    bytes: [head({ path: '/webhooks/pinpoint', headers }), body],
    expected: whose === 'nobodys-secret' ? 'refused' : 'admitted',
  }
}
