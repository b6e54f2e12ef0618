/** Odd bodies with the right signature: every one is stored and answered 200, whatever it says, unless it is packed in a way that nobody knows. And bodies that are too large. */
import { gzipSync } from 'node:zlib'

import { readEvent } from '../../src/intake/read-event.ts'
import type { Random } from './random.ts'
import { head, hire, host, type Kind, lengthOf, marker, signatureOf, signed } from './throw.ts'

const text = (json: string) => Buffer.from(json)
const hiredAt = (triggeredAt: string, id = '1') =>
  text(
    `{"event":"application_hired","triggeredAt":${triggeredAt},"data":{"application":{"id":${id}}},"note":"${marker}"}`,
  )

const numbers = [
  '0',
  '-1',
  '-0',
  '1e400',
  '-1e400',
  '1e-400',
  '0.1',
  '9007199254740993',
  '8640000000000001',
  '253402300800',
]
const times = [
  ...numbers,
  'null',
  'true',
  '""',
  '"now"',
  '"2020-13-45"',
  '"-000001-01-01T00:00:00Z"',
  '"\\u0000"',
  '[]',
  '{}',
]
const ids = [
  ...numbers,
  'null',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"__proto__"',
  '" 1"',
  '"1\\n"',
  `"${'9'.repeat(70)}"`,
  '{}',
  '[1]',
]

const bodies: Readonly<Record<string, (random: Random) => Buffer>> = {
  'a hire': hire,
  empty: () => Buffer.alloc(0),
  'random bytes': (random) => random.bytes(random.below(2000)),
  'odd times': (random) => hiredAt(random.pick(times)),
  'odd ids': (random) => hiredAt('1614687278', random.pick(ids)),
  'deeply nested arrays': (random) => text('['.repeat(1 + random.below(50_000))),
  'deeply nested and closed': (random) => {
    const depth = 1 + random.below(20_000)
    return text(
      `{"event":"application_hired","triggeredAt":1,"data":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`,
    )
  },
  'a long number': (random) => hiredAt('1'.repeat(1 + random.below(5000))),
  'keys twice': () =>
    text(`{"event":"a","event":"application_hired","data":{"application":{"id":1},"application":{"id":2}}}`),
  'lone surrogates': () => text('{"event":"\\ud800\\udfff\\ud800","triggeredAt":"\\ud800","data":"\\udc00"}'),
  'zero bytes': () =>
    text('{"event":"application_hired\\u0000","triggeredAt":1,"data":{"application":{"id":"1\\u0000"}}}\0'),
  prototypes: (random) => {
    const key = random.pick([
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'hasOwnProperty',
      'then',
      'toJSON',
    ])
    return text(
      random.pick([
        `{"${key}":{"polluted":true},"event":"${key}","triggeredAt":1,"data":{"${key}":{"id":1}}}`,
        `{"event":"application_hired","triggeredAt":1,"data":{"application":{"id":1,"${key}":{"id":2}},"${key}":null}}`,
      ]),
    )
  },
  'another event': (random) =>
    text(
      `{"event":${JSON.stringify(random.pick(['offer_accepted', '', ' ', 'é', 'x'.repeat(300), 'application_hired ']))},"data":{}}`,
    ),
  'no object': (random) =>
    text(random.pick(['null', '[]', '"application_hired"', '1', 'true', 'NaN', '{', '{}', "{'event':1}"])),
  'a byte order mark': (random) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), hire(random)]),
  'UTF-16': (random) => Buffer.from(hire(random).toString(), 'utf16le'),
  'broken UTF-8': (random) =>
    Buffer.concat([text('{"event":"'), random.bytes(20), Buffer.from([0xc3, 0x28, 0xf0]), text('"}')]),
  gzip: (random) => gzipSync(hire(random)),
  multipart: () => text(`--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n${marker}\r\n--x--\r\n`),
  'a form': () => text(`event=application_hired&marker=${marker}`),
}

export const oddBody: Kind = (random) => {
  const kind = random.pick(Object.keys(bodies))
  const body = bodies[kind]?.(random) ?? Buffer.alloc(0)
  const type = random.pick([
    'application/json',
    'application/json; charset=utf-16',
    'multipart/form-data; boundary=x',
    'text/xml',
    '',
  ])
  const encoding = random.pick(['', '', 'gzip', 'br', 'identity', 'x-nothing'])
  const headers = [
    ...(type === '' ? [] : [['Content-Type', type] as const]),
    ...(encoding === '' ? [] : [['Content-Encoding', encoding] as const]),
  ]
  // Whoever packs a body in a way that nobody knows is told so; what can be read without knowing it is admitted.
  const unreadable = encoding === 'x-nothing' && readEvent(body).unread !== undefined
  const expected = unreadable ? 'refused' : 'admitted'
  return { kind: `body: ${kind}`, bytes: signed(body, { headers }), expected, body }
}

/** Signed over what would come out of it: the signature counts for the bytes on the wire. */
export const signedBeforeGzip: Kind = (random) => {
  const plain = hire(random)
  const body = gzipSync(plain)
  const headers = [host, lengthOf(body), signatureOf(plain), ['Content-Encoding', 'gzip'] as const]
  return {
    kind: 'body: signed before it was compressed',
    bytes: [head({ headers }), body],
    expected: 'refused',
  }
}

const limit = 1024 * 1024
const filler = Buffer.alloc(limit + 65_536, `${marker} `)

export const large: Kind = (random) => {
  const length = limit + random.pick([-1, 0, 1, 2, 1000, 65_536])
  const body = filler.subarray(0, length)
  const unsigned = random.chance(0.5)
  const bytes = unsigned ? [head({ headers: [host, lengthOf(body)] }), body] : signed(body)
  return {
    kind: 'body: around 1 MiB',
    body,
    bytes,
    expected: length > limit || unsigned ? 'refused' : 'admitted',
  }
}

/** Too large, without saying so beforehand. */
export const largeInChunks: Kind = (random) => {
  const length = limit + random.pick([0, 1, 65_536])
  const body = filler.subarray(0, length)
  const headers = [host, signatureOf(body), ['Transfer-Encoding', 'chunked'] as const]
  const chunks = [0, 1, 2, 3].flatMap((part) => {
    const chunk = body.subarray((part * length) / 4, ((part + 1) * length) / 4)
    return [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]
  })
  return {
    kind: 'body: around 1 MiB in chunks',
    body,
    bytes: [head({ headers }), ...chunks, Buffer.from('0\r\n\r\n')],
    expected: length > limit ? 'refused' : 'admitted',
  }
}
