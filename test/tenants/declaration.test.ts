// What people may write into the file of tenants, and what is said when it is wrong.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { NeedsPerson } from '../../src/base/failure.ts'
import { defineIntegration, secret } from '../../src/sdk/index.ts'
import { readDeclaration } from '../../src/tenants/declaration.ts'

const people = defineIntegration({
  name: 'people',
  title: 'People',
  settings: z.strictObject({
    site: z.string().min(1),
    documents: z.enum(['shared', 'confidential']).default('shared'),
    readLagSeconds: z.number().int().min(0).default(20),
  }),
  secrets: z.strictObject({ token: secret('Token') }),
  check: () => Promise.resolve([]),
  on: {},
})
const loose = defineIntegration({
  name: 'loose',
  title: 'Loose',
  settings: z.object({ url: z.string().optional() }),
  secrets: z.object({}),
  check: () => Promise.resolve([]),
  on: {},
})

const variables = { KEY: 'key-from-environment', BLANK: '', SECRET: 'signing-secret\n' }
const read = (text: string) => readDeclaration(text, { integrations: [people, loose], variables })

function faultsIn(text: string): readonly unknown[] {
  try {
    read(text)
  } catch (error) {
    if (error instanceof NeedsPerson && Array.isArray(error.details['faults'])) return error.details['faults']
    throw error
  }
  throw new Error('it was accepted')
}

const whole = `
tenants:
  - slug: acme
    pinpoint:
      subdomain: acme
      apiKey: \${KEY}
      signingSecrets: ["\${SECRET}", old-secret]
    connections:
      - integration: people
        settings: { site: "New York (Demo)" }
        secrets: { token: "a-\${KEY}-b" }
`

/** The whole file with one part replaced. */
const but = (part: string, replacement: string) => {
  expect(whole).toContain(part)
  return whole.replace(part, () => replacement)
}

describe('A file of tenants', () => {
  it('becomes tenants and connections, with variables of the environment filled in', () => {
    expect(read(whole)).toEqual({
      tenants: [
        {
          slug: 'acme',
          pinpoint: {
            apiUrl: 'https://acme.pinpointhq.com/api/v1',
            apiKey: 'key-from-environment',
            signingSecrets: ['signing-secret', 'old-secret'],
            demoHires: false,
          },
          sweep: { everySeconds: 21_600, lookBackSeconds: 259_200 },
          keepFinishedFor: 34_560_000,
          connections: [
            {
              integration: 'people',
              enabled: true,
              delay: 0,
              commentWhenParked: false,
              settings: { site: 'New York (Demo)' },
              secrets: { token: 'a-key-from-environment-b' },
            },
          ],
        },
      ],
    })
  })

  it('may be JSON', () => {
    const json = {
      tenants: [{ slug: 'a', pinpoint: { subdomain: 'a', apiKey: 'k', signingSecrets: ['s'] } }],
    }
    expect(read(JSON.stringify(json)).tenants[0]).toMatchObject({ slug: 'a', connections: [] })
  })

  it('may name the whole address instead of a subdomain', () => {
    const text = but('subdomain: acme', 'apiUrl: http://127.0.0.1:4000/pinpoint/acme/api/v1/')
    expect(read(text).tenants[0]?.pinpoint.apiUrl).toBe('http://127.0.0.1:4000/pinpoint/acme/api/v1')
  })

  it('keeps settings as written, so that a later default is not frozen', () => {
    expect(read(whole).tenants[0]?.connections[0]?.settings).not.toHaveProperty('documents')
  })

  it('may name how long a connection waits after the hire, and whether it comments on what is parked', () => {
    const text = but('settings:', 'delay: 2h\n        commentWhenParked: true\n        settings:')
    expect(read(text).tenants[0]?.connections[0]).toMatchObject({ delay: 7200, commentWhenParked: true })
  })

  it.each(['2', '0h', '2 hours', '31d', '-1h'])(
    'refuses the delay %s, and says what one looks like',
    (delay) => {
      const text = but('settings:', `delay: "${delay}"\n        settings:`)
      expect(() => read(text)).toThrow(
        'tenants[0].connections[0].delay must be a duration such as 30m, 2h or 1d, at most 30d',
      )
    },
  )

  it('may hold a literal ${ written as $${', () => {
    expect(read(but('New York (Demo)', 'a $${KEY} b')).tenants[0]?.connections[0]?.settings).toEqual({
      site: 'a ${KEY} b',
    })
  })

  it.each([
    [
      'subdomain: acme',
      'subdomain: acme\n      apiUrl: https://x.example.com',
      'tenants[0].pinpoint needs either subdomain or apiUrl',
    ],
    ['subdomain: acme\n', '\n', 'tenants[0].pinpoint needs either subdomain or apiUrl'],
    [
      'subdomain: acme',
      'subdomain: acme.pinpointhq.com',
      'tenants[0].pinpoint.subdomain must be the first part of <subdomain>.pinpointhq.com',
    ],
    [
      'subdomain: acme',
      'apiUrl: ftp://x',
      'tenants[0].pinpoint.apiUrl must be an http(s) URL without user, query and fragment',
    ],
    [
      'subdomain: acme',
      'apiUrl: https://u:p@x.example.com',
      'tenants[0].pinpoint.apiUrl must be an http(s) URL without user, query and fragment',
    ],
    [
      'slug: acme',
      'slug: Acme Inc',
      'tenants[0].slug must be 1 to 63 lower-case letters, digits and hyphens',
    ],
    [
      'slug: acme',
      `slug: ${'a'.repeat(64)}`,
      'tenants[0].slug must be 1 to 63 lower-case letters, digits and hyphens',
    ],
    ['slug: acme', 'slug: acme\n    colour: red', 'tenants[0].colour is not a known key'],
    [
      'apiKey: ${KEY}',
      'apiKey: ${ACME_KEY}',
      'tenants[0].pinpoint.apiKey needs the environment variable ACME_KEY, which is not set',
    ],
    [
      'apiKey: ${KEY}',
      'apiKey: ${BLANK}',
      'tenants[0].pinpoint.apiKey needs the environment variable BLANK, which is not set',
    ],
    ['apiKey: ${KEY}', 'apiKey: "  "', 'tenants[0].pinpoint.apiKey must not be empty'],
    ['apiKey: ${KEY}', 'apiKey: 12345', 'tenants[0].pinpoint.apiKey must be text: put it in quotes'],
    [
      'apiKey: ${KEY}',
      'apiKey: "${no-name}"',
      'tenants[0].pinpoint.apiKey has "${" without a variable\'s name and "}" (write "$${" for the characters themselves)',
    ],
    [
      'site: "New York (Demo)"',
      'site: "${KEY}"',
      'tenants[0].connections[0].settings.site may not use ${…}: only apiKey, signingSecrets and secrets are filled in from the environment (write "$${" for the characters themselves)',
    ],
    [
      'slug: acme',
      'slug: "${KEY}"',
      'tenants[0].slug may not use ${…}: only apiKey, signingSecrets and secrets are filled in from the environment (write "$${" for the characters themselves)',
    ],
    [
      'apiKey: ${KEY}',
      'apiKey: "a\\r\\nx-evil: 1"',
      'tenants[0].pinpoint.apiKey must have no spaces, line breaks or characters beyond ASCII',
    ],
    [
      'old-secret',
      'x'.repeat(257),
      'tenants[0].pinpoint.signingSecrets[1] must be at most 256 characters long',
    ],
    [
      '["${SECRET}", old-secret]',
      `[${Array.from({ length: 6 }, (_, index) => `secret-${index}`).join(', ')}]`,
      'tenants[0].pinpoint.signingSecrets must be at most 5',
    ],
    [
      'subdomain: acme',
      `apiUrl: "https://acme.example/${'a'.repeat(2048)}"`,
      'tenants[0].pinpoint.apiUrl must be at most 2048 characters long',
    ],
    [
      '"New York (Demo)"',
      `"${'x'.repeat(2049)}"`,
      'tenants[0].connections[0].settings.site must be at most 2048 characters long',
    ],
    [
      '"New York (Demo)"',
      '"https://user:pass@example.com/"',
      'tenants[0].connections[0].settings.site must not hold a user or a password: it is shown and logged as an address',
    ],
    ['old-secret', '""', 'tenants[0].pinpoint.signingSecrets[1] must not be empty'],
    ['["${SECRET}", old-secret]', '[]', 'tenants[0].pinpoint.signingSecrets must not be empty'],
    [
      'integration: people',
      'integration: pepole',
      'tenants[0].connections[0].integration must be one of: people, loose',
    ],
    [
      'site: "New York (Demo)"',
      'sight: x, site: y',
      'tenants[0].connections[0].settings.sight is not a known key',
    ],
    ['site: "New York (Demo)"', '', 'tenants[0].connections[0].settings.site is missing'],
    [
      '"New York (Demo)"',
      'x, documents: secret',
      'tenants[0].connections[0].settings.documents must be "shared" or "confidential"',
    ],
    [
      '"New York (Demo)"',
      'x, readLagSeconds: soon',
      'tenants[0].connections[0].settings.readLagSeconds must be a number',
    ],
    ['secrets: { token: "a-${KEY}-b" }', '', 'tenants[0].connections[0].secrets.token is missing'],
    [
      'secrets: { token: "a-${KEY}-b" }',
      'secrets: []',
      'tenants[0].connections[0].secrets must be an object',
    ],
    [
      'integration: people',
      'enabled: "yes"\n        integration: people',
      'tenants[0].connections[0].enabled must be true or false',
    ],
  ])('%j written as %j is refused', (part, replacement, said) => {
    expect(faultsIn(but(part, replacement))).toEqual([said])
  })

  it.each([
    'ENCRYPTION_KEYS',
    'DATABASE_URL',
    'PGPASSWORD',
    'AWS_SECRET_ACCESS_KEY',
    'HTTPS_PROXY',
    'https_proxy',
  ])('M9: is not given %s, which is the service’s own', (name) => {
    expect(faultsIn(but('secrets: { token: "a-${KEY}-b" }', `secrets: { token: "\${${name}}" }`))).toEqual([
      `tenants[0].connections[0].secrets.token may not use ${name}, which is the service's own: put the tenant's secret into a variable of its own`,
    ])
  })

  it('of two hundred thousand signing secrets has one fault (M5)', () => {
    const secrets = `signingSecrets: [${'s,'.repeat(199_999)}s]`
    expect(faultsIn(but('signingSecrets: ["${SECRET}", old-secret]', secrets))).toEqual([
      'tenants[0].pinpoint.signingSecrets must be at most 5',
    ])
  })

  it('may end its address with slashes, however many, and is of bounded length (M5)', () => {
    const slashes = but('subdomain: acme', `apiUrl: "https://acme.example/api/v1${'/'.repeat(1_000)}"`)
    expect(read(slashes).tenants[0]?.pinpoint.apiUrl).toBe('https://acme.example/api/v1')
    expect(faultsIn(`${whole}# ${'x'.repeat(1024 * 1024)}`)).toEqual(['is longer than 1048576 characters'])
  })

  it('refuses a slug and an integration that are there twice', () => {
    const tenant = (slug: string, connections: string) =>
      `{ slug: ${slug}, pinpoint: { subdomain: a, apiKey: k, signingSecrets: [s] }, connections: [${connections}] }`
    const text = `tenants: [${tenant('a', '{ integration: loose }, { integration: loose }')}, ${tenant('a', '')}]`
    expect(faultsIn(text)).toEqual([
      'tenants[0].connections[1].integration is the same as in entry 1',
      'tenants[1].slug is the same as in entry 1',
    ])
  })

  it('refuses unknown keys even of an integration that forgot to', () => {
    const text = but('connections:', 'connections:\n      - { integration: loose, settings: { ulr: x } }')
    expect(faultsIn(text)).toEqual(['tenants[0].connections[0].settings.ulr is not a known key'])
  })

  it('is told all its faults at once', () => {
    const text = `
tenants:
  - slug: ACME
    pinpoint: { apiKey: "\${NOPE}", signingSecrets: [] }
    connections:
      - { integration: people, enabled: 1, settings: { sight: x } }
  - pinpoint: { subdomain: b, apiKey: k, signingSecrets: ["\${NOPE}"] }
`
    expect(faultsIn(text).toSorted()).toEqual([
      'tenants[0].connections[0].enabled must be true or false',
      'tenants[0].connections[0].secrets.token is missing',
      'tenants[0].connections[0].settings.sight is not a known key',
      'tenants[0].connections[0].settings.site is missing',
      'tenants[0].pinpoint needs either subdomain or apiUrl',
      'tenants[0].pinpoint.apiKey needs the environment variable NOPE, which is not set',
      'tenants[0].pinpoint.signingSecrets must not be empty',
      'tenants[0].slug must be 1 to 63 lower-case letters, digits and hyphens',
      'tenants[1].pinpoint.signingSecrets[0] needs the environment variable NOPE, which is not set',
      'tenants[1].slug is missing',
    ])
  })

  it.each([
    ['nothing', '', 'must be an object'],
    ['no tenants', 'tenants: []', 'tenants must not be empty'],
    ['a list', '- slug: acme', 'must be an object'],
    ['broken YAML', 'tenants: [\n  {', 'line 2 is not valid YAML'],
    [
      'a source without quotes between braces',
      `tenants:\n  - mapping: { work.title: job.custom["Grade"] }\n`,
      'line 2 is not valid YAML (unexpected token): within { } or [ ], put',
    ],
    ['a key twice', 'tenants: []\ntenants: []', 'line 2 is not valid YAML (duplicate key)'],
    ['an alias of nothing', 'tenants: *gone', 'an alias'],
  ])('with %s is refused', (_title, text, said) => {
    expect(faultsIn(text)[0]).toContain(said)
  })

  it('is told the first fault of its YAML only: the others follow from it', () => {
    expect(faultsIn(`tenants:\n\t- slug: acme\n\t- slug: globex\n${'  - {\n'.repeat(20)}`)).toHaveLength(1)
  })

  it('never has its secrets quoted in an error', () => {
    const token = 'hunter22-hunter22'
    const texts = [
      `tenants:\n  - slug: acme\n    apiKey: ${token}\n   - x`,
      but('subdomain: acme', `subdomain: "${token} "`),
      but('secrets: { token: "a-${KEY}-b" }', `secrets: { token: [${token}] }`),
      but('apiKey: ${KEY}', `apiKey: "\${${token}"`),
    ]
    for (const text of texts) expect(JSON.stringify(faultsIn(text))).not.toContain(token)
  })

  it('cannot gain structure from a variable', () => {
    const variables = { KEY: 'x"\n    colour: red # {', SECRET: 's' }
    const text = but('apiKey: ${KEY}', 'apiKey: k')
    const { tenants } = readDeclaration(text, { integrations: [people], variables })
    expect(tenants[0]?.connections[0]?.secrets).toEqual({ token: `a-${variables.KEY}-b` })
  })
})

describe('the time zone of a tenant (W25)', () => {
  const inZone = (zone: string) =>
    whole.replace('  - slug: acme', () => `  - slug: acme\n    timeZone: ${zone}`)

  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['america/new_york', 'America/New_York'],
    ['UTC', 'UTC'],
  ])('may be %s', (zone, known) =>
    expect(read(inZone(zone))).toMatchObject({ tenants: [{ timeZone: known }] }),
  )

  it.each(['Europe/Atlantis', '+02:00', "''", '2', 'null'])('may not be %s', (zone) => {
    expect(faultsIn(inZone(zone))).toEqual([expect.stringMatching(/timeZone/)])
  })
})
