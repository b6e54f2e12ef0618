/** Requests that are no requests: lies about lengths, broken chunks, cut off, random bytes, several in one. */
import type { Random } from './random.ts'
import { head, hire, host, type Kind, lengthOf, marker, signatureOf, signed } from './throw.ts'

const chunked = ['Transfer-Encoding', 'chunked'] as const

export const rubbish: Kind = (random) => ({
  kind: 'framing: random bytes',
  bytes: [random.bytes(1 + random.below(2000)), Buffer.from(marker)],
  expected: 'refused',
})

/** A good request in which a few bytes of the head are others, more or fewer. */
export const mutatedHead: Kind = (random) => {
  const [good = Buffer.alloc(0), body = Buffer.alloc(0)] = signed(hire(random))
  let mutated = good
  for (let i = 0; i <= random.below(4); i++) {
    const at = random.below(mutated.length)
    const rest = mutated.subarray(at + random.pick([0, 1, 1, 1, 5]))
    mutated = Buffer.concat([mutated.subarray(0, at), random.bytes(random.below(3)), rest])
  }
  return { kind: 'framing: mutated head', bytes: [mutated, body], expected: 'either' }
}

export const mutatedBody: Kind = (random) => {
  const [good = Buffer.alloc(0), body = Buffer.alloc(0)] = signed(hire(random))
  const at = random.below(body.length)
  const mutated = Buffer.from(body)
  mutated[at] = (mutated[at] ?? 0) ^ (1 + random.below(255))
  return { kind: 'framing: mutated body', bytes: [good, mutated], expected: 'refused' }
}

export const lyingLength: Kind = (random) => {
  const body = hire(random)
  const length = body.length
  const lies = [
    ...[length - 1, length + 1, length - 20, 0, -1, -length, 1e15, 2 ** 53, 2 ** 64].map(String),
    ...[
      '',
      'x',
      '0x65',
      '1e2',
      `${length}, ${length + 1}`,
      `+${length}`,
      ` ${length} ${length}`,
      '９',
      '1'.repeat(400),
    ],
  ]
  const lie = random.pick(lies)
  const second = random.chance(0.2) ? [['Content-Length', String(length)] as const] : []
  const headers = [host, signatureOf(body), ['Content-Length', lie] as const, ...second]
  return { kind: 'framing: lying length', bytes: [head({ headers }), body], expected: 'refused' }
}

export const goodChunks: Kind = (random) => {
  const body = hire(random)
  const headers = [host, signatureOf(body), chunked]
  const bytes: Buffer[] = [head({ headers })]
  for (let at = 0; at < body.length;) {
    const chunk = body.subarray(at, at + 1 + random.below(40))
    bytes.push(
      Buffer.from(`${chunk.length.toString(16)}${random.pick(['', ';name=value', ';q="x"'])}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    )
    at += chunk.length
  }
  bytes.push(Buffer.from(random.pick(['0\r\n\r\n', `0\r\nTrailer: ${marker}\r\n\r\n`, '000\r\n\r\n'])))
  return { kind: 'framing: chunks', bytes, expected: 'admitted' }
}

export const badChunks: Kind = (random) => {
  const body = hire(random)
  const size = random.pick([
    '-1',
    'x',
    '',
    '0x10',
    'ffffffffffffffffff',
    `${'0'.repeat(300)}g`,
    ' 5',
    '5 ',
    '\0',
  ])
  const both = random.chance(0.3) ? [lengthOf(body)] : []
  const headers = [host, signatureOf(body), ...both, chunked]
  const bytes = [head({ headers }), Buffer.from(`${size}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]
  return { kind: 'framing: bad chunks', bytes, expected: 'refused' }
}

/** Length and chunks at once: two servers would disagree about where the request ends. */
export const smuggling: Kind = (random) => {
  const body = hire(random)
  const wrapped = Buffer.from(
    `${body.length.toString(16)}\r\n${body.toString('latin1')}\r\n0\r\n\r\n`,
    'latin1',
  )
  const codings = [
    'chunked',
    ' chunked',
    'chunked, identity',
    'identity, chunked',
    'xchunked',
    'chunked\t',
    'gzip, chunked',
    'CHUNKED',
  ]
  const coding = ['Transfer-Encoding', random.pick(codings)] as const
  const headers = [host, signatureOf(body), lengthOf(random.pick([body, wrapped])), coding]
  return { kind: 'framing: length and chunks', bytes: [head({ headers }), wrapped], expected: 'refused' }
}

/** Each piece costs more than its bytes: a connection that sends many of them is destroyed, whether or not anybody reads them. */
export const tinyChunks: Kind = (random) => {
  const size = 1 + random.below(8)
  const piece = `${size}\r\n${marker.slice(0, size)}\r\n`
  const path = random.pick(['/webhooks/pinpoint/acme', '/webhooks/pinpoint', '/nothing', '/healthz'])
  const body = Buffer.from(piece.repeat(300 + random.below(20_000)))
  const end = random.chance(0.5) ? [Buffer.from('0\r\n\r\n')] : []
  return {
    kind: 'framing: one-byte chunks',
    bytes: [head({ path, headers: [host, signatureOf(body), chunked] }), body, ...end],
    expected: 'refused',
  }
}

/** The client goes away somewhere in between. */
export const cutOff: Kind = (random) => {
  const whole = Buffer.concat([...signed(hire(random))])
  const bytes = [whole.subarray(0, random.below(whole.length - 1))]
  return { kind: 'framing: cut off', bytes, expected: 'refused', hangUp: random.chance(0.5) }
}

/** Several requests in one packet: the last one is rubbish, and what comes before it must not become so. */
export const pipelined: Kind = (random) => {
  const requests = 1 + random.below(4)
  const good = Array.from({ length: requests }, () => signed(hire(random))).flat()
  const bytes = [...good, random.bytes(random.below(50))]
  return { kind: 'framing: several in one', bytes, expected: 'either', requests }
}

const lines = (random: Random, count: number) =>
  Array.from({ length: count }, (_, index) => [`X-${index}`, `${marker} ${random.below(1000)}`] as const)

export const manyHeaders: Kind = (random) => {
  const body = hire(random)
  const count = random.pick([50, 500, 3000])
  const huge = random.chance(0.5) ? [['X-Huge', marker.repeat(random.below(3000))] as const] : []
  return {
    kind: 'framing: many headers',
    bytes: signed(body, { headers: [...lines(random, count), ...huge] }),
    expected: 'either',
  }
}
