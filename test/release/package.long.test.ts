// What is published works where nothing of the checkout is: packed, unpacked below node_modules, run and type-checked there.
import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import packageJson from '../../package.json' with { type: 'json' }
import { buildPackage } from '../../scripts/build-package.ts'

const root = join(import.meta.dirname, '../..')
const execute = promisify(execFile)

let folder: string
let installed: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'packed-'))
  installed = join(folder, 'app/node_modules/pinpoint-webhooks')
  await buildPackage(join(folder, 'built'))
  await execute('npm', ['pack', join(folder, 'built'), '--pack-destination', folder], { cwd: folder })
  await mkdir(installed, { recursive: true })
  const tarball = join(folder, `pinpoint-webhooks-${packageJson.version}.tgz`)
  await execute('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  // Only what the package asks for by name, so that a dependency that it does not declare is missing here.
  for (const name of [...Object.keys(packageJson.dependencies), '@types/node']) await link(name)
  await mkdir(join(folder, 'app/node_modules/.bin'))
  await symlink(
    '../pinpoint-webhooks/bin/pinpoint-webhooks.js',
    join(folder, 'app/node_modules/.bin/pinpoint-webhooks'),
  )
  await writeFile(join(folder, 'app/package.json'), JSON.stringify({ name: 'app', type: 'module' }))
}, 60_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

async function link(name: string): Promise<void> {
  const target = join(folder, 'app/node_modules', name)
  await mkdir(dirname(target), { recursive: true })
  await symlink(join(root, 'node_modules', name), target)
}

function run(program: string, line: readonly string[]) {
  return execute(program, line, {
    cwd: join(folder, 'app'),
    env: { PATH: process.env['PATH'], HOME: folder },
  })
}

const files = () => globSync('**', { cwd: installed, withFileTypes: true }).filter((entry) => entry.isFile())
const paths = () => files().map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1))

describe('The package', () => {
  it('holds the program, what it needs beside it, and nothing else of the checkout', () => {
    const top = new Set(paths().map((path) => path.split('/')[0]))
    expect([...top].sort()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'SECURITY.md',
        'bin',
        'migrations',
        'package.json',
        'sandbox',
        'src',
      ].sort(),
    )
    expect(paths().filter((path) => !/\.(js|d\.ts|sql|md)$|^LICENSE$|^package\.json$/.test(path))).toEqual([])
    expect(
      paths()
        .filter((path) => path.startsWith('migrations/'))
        .sort(),
    ).toEqual(globSync('migrations/*.sql', { cwd: root }).sort())
  })

  it('holds for every source its JavaScript and its types', () => {
    const sources = globSync('{src,sandbox}/**/*.ts', { cwd: root })
    const expected = sources.flatMap((path) => [path.replace(/ts$/, 'js'), path.replace(/ts$/, 'd.ts')])
    expect(expected.filter((path) => !existsSync(join(installed, path)))).toEqual([])
  })

  it('asks npm to run nothing, to install nothing for development, and points only at what is there', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      readonly exports: Record<string, Record<string, string>>
      readonly bin: Record<string, string>
    }
    expect(manifest).not.toHaveProperty('scripts')
    expect(manifest).not.toHaveProperty('devDependencies')
    expect(manifest).not.toHaveProperty('private')
    expect(Object.keys(manifest.exports)).toEqual(Object.keys(packageJson.exports))
    const pointed = [
      ...Object.values(manifest.exports).flatMap(Object.values<string>),
      ...Object.values(manifest.bin),
    ]
    expect(pointed.filter((path) => !existsSync(join(installed, path)))).toEqual([])
  })

  it('runs as npx runs it', async () => {
    const { stdout } = await run('npx', ['--no-install', 'pinpoint-webhooks', '--version'])
    expect(stdout.trim()).toBe(packageJson.version)
  })

  it('plays the demo to its end, with migrations, an embedded PostgreSQL and the sandbox', async () => {
    const { stdout } = await run(process.execPath, [
      join(installed, packageJson.bin['pinpoint-webhooks']),
      'demo',
      '--once',
    ])
    expect(stdout).toContain('Exactly one employee, one CV, one comment.')
  })

  it('gives an integration of somebody else its types, which say what is wrong as well', async () => {
    await writeFile(join(folder, 'app/integration.ts'), integration)
    const { stdout, stderr } = await run(process.execPath, [
      join(root, 'node_modules/typescript/bin/tsc'),
      ...[
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2024',
        '--lib',
        'esnext',
        '--types',
        'node',
      ],
      ...['--skipLibCheck', 'integration.ts'],
    ]).catch((error: unknown) => error as { readonly stdout: string; readonly stderr: string })
    expect(stdout + stderr).toBe('')
  })

  it('is imported by that integration, with sandbox and crash kit', async () => {
    await writeFile(join(folder, 'app/integration.ts'), integration)
    const { stdout } = await run(process.execPath, ['integration.ts'])
    expect(JSON.parse(stdout)).toEqual({
      name: 'example',
      matrix: 'function',
      rungs: ['throw', 'database', 'killed', 'paused', 'outside'],
    })
  })
})

const integration = `
import { runCrashMatrix, rungs } from 'pinpoint-webhooks/crash-kit'
import { startSandbox } from 'pinpoint-webhooks/sandbox'
import { defineIntegration, secret } from 'pinpoint-webhooks/sdk'
import { z } from 'zod'

export const example = defineIntegration({
  name: 'example',
  title: 'Example',
  settings: z.strictObject({ site: z.string().describe('A site') }),
  secrets: z.strictObject({ token: secret('A token') }),
  check: async ({ settings }) => [{ ok: true, what: settings.site, because: 'it is there' }],
  on: {
    async application_hired({ event, settings }) {
      const site: string = settings.site
      // @ts-expect-error -- no such setting: fails to compile only where the types are really read
      const none = settings.nothing
      return { did: event.data.email === undefined || none === site ? 'nothing' : 'sent' }
    },
  },
})
const matrix: (request: { readonly subject: never }) => unknown = runCrashMatrix
const sandbox = await startSandbox()
await sandbox.close()
console.log(JSON.stringify({ name: example.name, matrix: typeof matrix, rungs }))
`
