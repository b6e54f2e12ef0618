/** Odd methods, paths, versions and headers around a body that is signed: answered, never with a 5xx. */
import { head, hire, host, type Kind, lengthOf, marker, signatureOf, signed } from './throw.ts'

const methods = [
  'GET',
  'HEAD',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'QUERY',
  'PURGE',
  'M-SEARCH',
  'post',
  'POSTS',
  'P OST',
  '',
]

export const oddMethod: Kind = (random) => {
  const method = random.pick(methods)
  const path = random.pick([
    '/webhooks/pinpoint/acme',
    '/webhooks/pinpoint',
    '/healthz',
    '/',
    'door.example.com:443',
  ])
  return { kind: 'head: method', bytes: signed(hire(random), { method, path }), expected: 'either' }
}

const door = '/webhooks/pinpoint'
const paths = [
  `${door}/acme%2F..%2Fglobex`,
  `${door}/%61cme`,
  `${door}/acme/`,
  `${door}//acme`,
  `${door}/../pinpoint/acme`,
  `${door}/./acme`,
  `${door}/acme/../../../etc/passwd`,
  `${door}/%00`,
  `${door}/%zz`,
  `${door}/%ff%fe`,
  `${door}/%e0%80%80`,
  `${door}/${'a'.repeat(10_000)}`,
  `${door}/${marker}`,
  `${door}/__proto__`,
  `${door}/constructor`,
  `${door}/ACME`,
  `${door}/acme;x=y`,
  `${door}/acme#x`,
  `${door}/acme\\..`,
  `${door}/ac me`,
  `${door}/äcme`,
  `${door}/acme?integration=`,
  `${door}/acme?integration=__proto__`,
  `${door}/acme?integration=${marker}`,
  `${door}/acme?integration=hibob&integration=webhook`,
  `${door}/acme?integration[]=hibob`,
  `${door}/acme?${'a=b&'.repeat(2000)}`,
  `${door}/acme?%`,
  `${door}/acme?integration=%ff`,
  `${door}/acme?integration=%00`,
  `http://evil.example.com${door}/acme`,
  `//evil.example.com${door}/acme`,
  '*',
  '',
  '/',
  '?',
  '/metrics/../webhooks/pinpoint/acme',
]

export const oddPath: Kind = (random) => ({
  kind: 'head: path',
  bytes: signed(hire(random), { path: random.pick(paths) }),
  expected: 'either',
})

const oddHeaders: readonly (readonly [string, string])[] = [
  ['Expect', '100-continue'],
  ['Expect', marker],
  ['Expect', '100-continue, 200-ok'],
  ['Upgrade', 'h2c'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade, HTTP2-Settings'],
  ['Connection', 'close'],
  ['Connection', `keep-alive, ${marker}`],
  ['HTTP2-Settings', 'AAMAAABkAARAAAAAAAIAAAAA'],
  ['Content-Type', `${marker}; charset=\xff`],
  ['X-Forwarded-For', '127.0.0.1, '.repeat(500)],
  ['X-Forwarded-Proto', 'javascript'],
  ['Forwarded', `for="${marker}"`],
  ['Host', 'evil.example.com'],
  ['Host', 'a b'],
  ['Host', ''],
  ['Host', '[::1'],
  ['Host', `${marker}@evil.example.com:99999`],
  ['Host', '\xff\xfe'],
  ['Cookie', `a=${'b'.repeat(8000)}`],
  ['Range', 'bytes=0-0'],
  ['If-None-Match', '*'],
  ['Trailer', 'PINPOINT-HMAC-SHA256'],
  ['TE', 'trailers'],
  ['Max-Forwards', '0'],
  ['__proto__', marker],
  ['constructor', marker],
  ['X-\xff', marker],
  ['X Y', marker],
  ['X-Zero', 'a\0b'],
  ['X-Fold', 'a\r\n b'],
  ['X-Bare', 'a\nX-Other: b'],
  ['', marker],
  ['Authorization', `Basic ${marker}`],
  ['Content-Length ', '5'],
]

export const oddHeader: Kind = (random) => {
  const count = 1 + random.below(3)
  const headers = Array.from({ length: count }, () => random.pick(oddHeaders))
  return { kind: 'head: headers', bytes: signed(hire(random), { headers }), expected: 'either' }
}

export const oddHost: Kind = (random) => {
  const body = hire(random)
  const given = oddHeaders.filter(([name]) => name === 'Host')
  const hosts = random.pick([[], [random.pick(given)], [host, host], [host, random.pick(given)]])
  const headers = [...hosts, lengthOf(body), signatureOf(body)]
  return { kind: 'head: host', bytes: [head({ headers }), body], expected: 'either' }
}

export const oddVersion: Kind = (random) => ({
  kind: 'head: version',
  bytes: random.chance(0.2)
    ? [Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')]
    : signed(hire(random), { version: random.pick(['1.0', '0.9', '2.0', '1.2', '9.9', '1', '11', 'x']) }),
  expected: 'either',
})
