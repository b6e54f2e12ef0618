// What an operator may write into the environment, and what is said when it is wrong.
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import { NeedsPerson } from '../../src/base/failure.ts'
import { describeConfig } from '../../src/config/describe.ts'
import { type Environment, environment, readConfig, variableNames } from '../../src/config/environment.ts'
import { variableMeta } from '../../src/config/variable.ts'

const key = randomBytes(32).toString('base64')

function faultOf(env: Environment): NeedsPerson {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof NeedsPerson) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('An empty environment', () => {
  it('is enough to start on this machine', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      adminHost: '127.0.0.1',
      adminPort: 8081,
      trustedProxies: [],
      databaseUrl: undefined,
      databaseDirectUrl: undefined,
      databasePooled: false,
      dataDir: resolve('data'),
      encryptionKeys: undefined,
      logLevel: 'info',
      role: 'all',
      workerConcurrency: 64,
      egressName: 'shared',
      proxies: undefined,
      allowPrivateNetwork: false,
      privateDestinations: [],
      quarantineMaxDeliveries: 1000,
      quarantineMaxMib: 16,
      quarantineDays: 30,
      tenantEventsPerDay: 10_000,
      tenantUnfinishedRuns: 5000,
      shutdownGraceSeconds: 25,
    })
  })

  it('is the same as one whose variables are all blank, as Compose files make them', () => {
    expect(readConfig(Object.fromEntries(variableNames.map((name) => [name, ' '])))).toEqual(readConfig({}))
  })
})

describe('Variables', () => {
  it('L14: name trusted proxies as addresses and networks, and nothing else', () => {
    const given = (text: string) => readConfig({ TRUSTED_PROXIES: text }).trustedProxies
    expect(given(' 10.0.0.0/8, ::1 fd00::/8 ')).toEqual(['10.0.0.0/8', '::1', 'fd00::/8'])
    for (const odd of ['proxy.example.com', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '*', 'fd00::/129'])
      expect(faultOf({ TRUSTED_PROXIES: odd }).message, odd).toContain('TRUSTED_PROXIES')
  })

  it('are read into the configuration', () => {
    const config = readConfig({
      HOST: '0.0.0.0',
      PORT: '0',
      DATABASE_URL: 'postgres://app:pw@db:5432/pinpoint',
      ENCRYPTION_KEYS: `new:${key}, old:${key}`,
      ROLE: 'worker',
      WORKER_CONCURRENCY: '32',
      DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
    })
    expect(config).toMatchObject({ host: '0.0.0.0', port: 0, role: 'worker', workerConcurrency: 32 })
    expect(config.allowPrivateNetwork).toBe(true)
    expect(config.encryptionKeys?.map(({ id, bytes }) => [id, bytes.length])).toEqual([
      ['new', 32],
      ['old', 32],
    ])
  })

  it('say how many calls Pinpoint allows where it is not what it documents', () => {
    const { pinpointLimits } = readConfig({ PINPOINT_LIMITS: '600/60, 1200/480' })
    expect(pinpointLimits).toEqual([
      { calls: 600, seconds: 60 },
      { calls: 1200, seconds: 480 },
    ])
    expect(describeConfig(readConfig({ PINPOINT_LIMITS: '600/60' }))).toMatchObject({
      pinpointLimits: '600/60',
    })
  })

  it.each([
    [{ PINPOINT_LIMITS: '600' }, 'PINPOINT_LIMITS must be calls/seconds'],
    [{ PINPOINT_LIMITS: '0/60' }, 'PINPOINT_LIMITS must be calls/seconds'],
    [{ PINPOINT_LIMITS: '600/60,' }, 'PINPOINT_LIMITS must be calls/seconds'],
    [{ PINPOINT_LIMITS: '600/60,120/60' }, 'PINPOINT_LIMITS must name each number of seconds once'],
    [{ PINPOINT_LIMITS: '1/1,2/2,3/3,4/4,5/5' }, 'PINPOINT_LIMITS must have at most 4 windows'],
    [{ PORT: 'eighty' }, 'PORT must be a whole number'],
    [{ PORT: '70000' }, 'PORT must be at most 65535'],
    [{ PORT: '-1' }, 'PORT must be a whole number'],
    [{ DATABASE_URL: 'mysql://db/x' }, 'DATABASE_URL must start with postgresql://'],
    [{ DATABASE_DIRECT_URL: 'postgres://db/x' }, 'DATABASE_DIRECT_URL needs DATABASE_URL beside it'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be "trace" or "debug"'],
    [{ ROLE: 'manager' }, 'ROLE must be "all" or "intake" or "worker"'],
    [{ WORKER_CONCURRENCY: '0' }, 'WORKER_CONCURRENCY must be at least 1'],
    [{ DANGEROUS_ALLOW_PRIVATE_NETWORK: 'yes' }, 'DANGEROUS_ALLOW_PRIVATE_NETWORK must be "true" or "false"'],
    [{ HTTPS_PROXY: 'nonsense' }, 'HTTPS_PROXY must be a URL such as http://proxy.example.com:3128'],
    [{ https_proxy: 'ftp://proxy' }, 'HTTPS_PROXY must be a URL'],
    [{ HTTP_PROXY: 'http://' }, 'HTTP_PROXY must be a URL'],
    [{ HTTPS_PROXY: 'http://%zz@proxy:1' }, 'HTTPS_PROXY must be a URL'],
    [{ ENCRYPTION_KEYS: 'k1:c2hvcnQ=' }, 'entry 1 is not'],
    [{ ENCRYPTION_KEYS: `k1:${key},` }, 'entry 2 is not'],
    [{ ENCRYPTION_KEYS: key }, 'entry 1 is not'],
    [{ ENCRYPTION_KEYS: `k1:${key},k1:${key}` }, 'ENCRYPTION_KEYS must not name the same key id twice'],
  ])('%o is refused: %s', (env, said) => {
    expect(faultOf(env).message).toContain(said)
  })

  it.each([
    [{ HTTPS_PROXY: 'http://p:1' }, { https: 'http://p:1', http: undefined, except: '' }],
    [{ HTTPS_PROXY: 'p.example:3128' }, { https: 'http://p.example:3128' }],
    [
      { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q:1', no_proxy: ' * ' },
      { https: 'http://q:1', except: '*' },
    ],
    [
      { http_proxy: 'https://p', https_proxy: '' },
      { https: undefined, http: 'https://p' },
    ],
  ])('%o is the way out', (env, proxies) => {
    expect(readConfig(env).proxies).toMatchObject(proxies)
  })

  it('NO_PROXY alone is no proxy', () => {
    expect(readConfig({ NO_PROXY: 'localhost' }).proxies).toBeUndefined()
  })

  it('that are wrong are all named in one error', () => {
    const failure = faultOf({ PORT: 'x', ROLE: 'x', ENCRYPTION_KEYS: 'x', SHUTDOWN_GRACE_SECONDS: '-5' })
    expect(failure.code).toBe('config.invalid')
    expect(failure.details['faults']).toHaveLength(4)
    for (const name of ['PORT', 'ROLE', 'ENCRYPTION_KEYS', 'SHUTDOWN_GRACE_SECONDS'])
      expect(failure.message).toContain(name)
  })

  it('never have their values quoted in an error', () => {
    const secret = 'sup3rsecret'
    const env = {
      PORT: secret,
      ENCRYPTION_KEYS: secret,
      DATABASE_URL: secret,
      ROLE: secret,
      HTTPS_PROXY: secret,
    }
    const failure = faultOf(env)
    expect(failure.details['faults']).toHaveLength(5)
    expect(`${failure.message}${JSON.stringify(failure.details)}`).not.toContain(secret)
  })

  it('each have a description and say what they accept and what happens without them', () => {
    for (const [name, schema] of Object.entries(environment.shape)) {
      const meta = variableMeta.get(schema)
      expect(meta?.description, name).toBeTruthy()
      expect(meta?.accepts, name).toBeTruthy()
      expect(schema.def.type === 'prefault' || meta?.unset !== undefined, name).toBe(true)
    }
  })
})

describe('The start-up summary', () => {
  it('shows the configuration without passwords, keys and tokens', () => {
    const shown = describeConfig(
      readConfig({
        DATABASE_URL: 'postgresql://app:hunter22@db.example.com:5432/pinpoint?password=hunter22',
        DATABASE_DIRECT_URL: 'postgresql://app:hunter22@direct.example.com:5432/pinpoint',
        ENCRYPTION_KEYS: `k1:${key}`,
        HTTPS_PROXY: 'http://app:hunter22@proxy.example.com:3128/?x=hunter22',
        NO_PROXY: 'localhost',
      }),
    )
    expect(shown).toMatchObject({
      databaseUrl: 'postgresql://db.example.com:5432/pinpoint',
      databaseDirectUrl: 'postgresql://direct.example.com:5432/pinpoint',
      encryptionKeys: 'k1',
      httpsProxy: 'http://proxy.example.com:3128',
      noProxy: 'localhost',
    })
    expect(JSON.stringify(shown)).not.toContain('hunter22')
    expect(JSON.stringify(shown)).not.toContain(key)
  })
})
