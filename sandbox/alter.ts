/** An answer that was right, altered on its way: half of it, a member that is something else, bytes that are packed or marked. */
import { gzipSync } from 'node:zlib'

import { parseJson } from '../src/base/json.ts'
import type { Effect } from './faults.ts'

export type Alteration = Extract<
  Effect,
  { readonly malformed: true } | { readonly member: string } | { readonly packed: string }
>

export function isAlteration(effect: Effect): effect is Alteration {
  return 'malformed' in effect || 'member' in effect || 'packed' in effect
}

export async function altered(effect: Alteration, answer: Response): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer())
  const headers = new Headers(answer.headers)
  headers.delete('content-length')
  if ('packed' in effect && effect.packed === 'gzip') headers.set('content-encoding', 'gzip')
  return new Response(alteredBytes(effect, bytes), { status: answer.status, headers })
}

function alteredBytes(effect: Alteration, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if ('malformed' in effect) return bytes.subarray(0, Math.ceil(bytes.length / 2))
  if ('member' in effect) {
    const json = parseJson(new TextDecoder().decode(bytes))
    if (json === undefined) return bytes
    return Buffer.from(JSON.stringify(replaced(json, namesIn(effect.member), effect.becomes)))
  }
  return Uint8Array.from(effect.packed === 'marked' ? [...byteOrderMark, ...bytes] : gzipSync(bytes))
}

const byteOrderMark = [0xef, 0xbb, 0xbf]

/** https://www.rfc-editor.org/rfc/rfc6901 */
function namesIn(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Where there is no such member the answer stays as it is. */
function replaced(json: unknown, [name, ...below]: readonly string[], becomes: unknown): unknown {
  if (name === undefined) return becomes
  if (typeof json !== 'object' || json === null) return json
  const members = Object.entries(json).map(([one, value]: [string, unknown]) => [
    one,
    one === name ? replaced(value, below, becomes) : value,
  ])
  return Array.isArray(json) ? members.map(([, value]) => value) : Object.fromEntries(members)
}
